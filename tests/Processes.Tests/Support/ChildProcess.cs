using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>
/// A process of this test with what it writes. Disposing ends it, by its id, whatever state it is in; so no process
/// outlives its test.
/// </summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const int Sigint = 2;

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly Task _outEnd;
    private readonly Task _errorEnd;

    private ChildProcess(Process process, string command)
    {
        _process = process;
        Command = command;
        _outEnd = CollectAsync(process.StandardOutput, _out);
        _errorEnd = CollectAsync(process.StandardError, _error);
    }

    public string Command { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Out => Text(_out);

    public string Error => Text(_error);

    /// <summary>Starts <c>adapt</c> with arguments.</summary>
    public static ChildProcess Adapt(params IEnumerable<string> arguments) => Start(Executables.Adapt, arguments);

    public static ChildProcess Start(string file, params IEnumerable<string> arguments) => StartWith([], file, arguments);

    /// <summary>Starts a program with variables of its own beside those of this process.</summary>
    public static ChildProcess StartWith(IEnumerable<KeyValuePair<string, string>> environment, string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_ROOT"] = Executables.DotnetRoot;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{file}' did not start.");
        process.StandardInput.Close();
        return new ChildProcess(process, $"{Path.GetFileName(file)} {string.Join(' ', start.ArgumentList)}");
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<CommandResult> EndAsync(TimeSpan? within = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(within ?? s_longest);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            await Task.WhenAll(_outEnd, _errorEnd).WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException late)
        {
            Kill();
            throw new TimeoutException($"`{Command}` did not end\nout: {Out}\nerror: {Error}", late);
        }

        return new CommandResult(Command, _process.ExitCode, Out, Error);
    }

    /// <summary>Waits until a condition on it holds; fails when it ends before.</summary>
    public async Task UntilAsync(Func<ChildProcess, bool> condition, TimeSpan? within = null)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition(this))
        {
            if (HasExited)
            {
                throw new InvalidOperationException((await EndAsync()).ToString());
            }

            if (Stopwatch.GetElapsedTime(started) > (within ?? s_longest))
            {
                throw new TimeoutException($"`{Command}`: what was waited for did not happen\nout: {Out}\nerror: {Error}");
            }

            await Task.Delay(s_poll, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    /// <summary>What a service manager sends.</summary>
    public void Terminate() => Signal(Sigterm);

    /// <summary>What Ctrl-C sends.</summary>
    public void Interrupt() => Signal(Sigint);

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static async Task CollectAsync(StreamReader reader, StringBuilder into)
    {
        char[] buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer)) > 0;)
        {
            lock (into)
            {
                into.Append(buffer, 0, read);
            }
        }
    }

    private static string Text(StringBuilder builder)
    {
        lock (builder)
        {
            return builder.ToString();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
