using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AdaptCluster.Tests.Shared;

/// <summary>A process that hangs (SIGSTOP) until the disposal (SIGCONT).</summary>
internal sealed partial class HungProcess : IDisposable
{
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly int _process;

    public HungProcess(int process)
    {
        _process = process;
        Send(Stop);
    }

    public void Dispose() => Send(Continue);

    private void Send(int signal)
    {
        if (SendSignal(_process, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
