using System.Runtime.InteropServices;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>What libtorch needs to be told once per process, before its first tensor.</summary>
public static partial class TorchRuntime
{
    private const string WaitPolicy = "OMP_WAIT_POLICY";

    /// <summary>
    /// Sets the threads of one operation on the calling thread, and lets idle OpenMP threads sleep instead of spin.
    /// </summary>
    /// <remarks>
    /// Spinning is OpenMP's default and costs nothing on idle cores. On shared ones the threads of one operation wait for
    /// each other's time slices: training 2,400 rows took 15.3 s spinning and 1.0 s sleeping on two busy cores. A value of
    /// OMP_WAIT_POLICY that the user has set stays.
    /// </remarks>
    /// <param name="threads">Threads inside one operation, at least 1.</param>
    public static void Initialise(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        if (Environment.GetEnvironmentVariable(WaitPolicy) is null && !OperatingSystem.IsWindows())
        {
            // .NET keeps an environment of its own; the native library reads the process's.
            _ = SetEnvironment(WaitPolicy, "PASSIVE", overwrite: 0);
        }

        torch.set_num_threads(threads);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
