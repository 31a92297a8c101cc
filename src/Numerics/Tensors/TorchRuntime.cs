using System.Runtime.InteropServices;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>What libtorch needs to be told about the threads inside one operation.</summary>
public static partial class TorchRuntime
{
    /// <summary>
    /// Work below this many flops runs on one thread. Waking a second one costs some microseconds in each of dozens of
    /// operations: adapting to 32 rows (1 MFLOP) ran 541 times a second on two threads and about 4,000 times on one.
    /// </summary>
    private const double WorthSharing = 1e8;

    private const string WaitPolicy = "OMP_WAIT_POLICY";
    private const string SpinCount = "GOMP_SPINCOUNT";

    /// <summary>How often an idle OpenMP thread looks for work before it sleeps: some ten microseconds.</summary>
    private const string ShortSpin = "10000";

    /// <summary>Lets idle OpenMP threads sleep soon. Once per process, before its first tensor; values that the user has set stay.</summary>
    /// <remarks>
    /// OpenMP's default is to spin for milliseconds, which costs nothing on idle cores. On shared ones the threads of one
    /// operation wait for each other's time slices: training 2,400 rows took 15.3 s on two busy cores, and 1.0 s with
    /// threads that sleep. Sleeping at once in turn halves the speed of large operations on idle cores.
    /// </remarks>
    public static void Initialise()
    {
        bool isSet = Environment.GetEnvironmentVariable(WaitPolicy) is not null || Environment.GetEnvironmentVariable(SpinCount) is not null;
        if (!isSet && !OperatingSystem.IsWindows())
        {
            // .NET keeps an environment of its own; the native library reads the process's.
            _ = SetEnvironment(SpinCount, ShortSpin, overwrite: 0);
        }
    }

    /// <summary>Sets the threads of the operations that follow on the calling thread, by the work that is to come.</summary>
    /// <param name="flops">About how many floating-point operations the work has in all.</param>
    /// <param name="most">The most threads, at least 1.</param>
    public static void UseThreadsFor(double flops, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        int threads = flops < WorthSharing ? 1 : most;
        if (torch.get_num_threads() != threads)
        {
            torch.set_num_threads(threads);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
