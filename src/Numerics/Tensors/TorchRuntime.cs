using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Errors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>What libtorch needs to be told before it is used: which library, which device, how many threads.</summary>
public static partial class TorchRuntime
{
    /// <summary>
    /// Work below this many flops runs on one thread. Waking a second one costs some microseconds in each of dozens of
    /// operations: adapting to 32 rows (1 MFLOP) ran 541 times a second on two threads and about 4,000 times on one.
    /// </summary>
    private const double WorthSharing = 1e8;

    private const string Cpu = "cpu";
    private const string Cuda = "cuda";
    private const string WaitPolicy = "OMP_WAIT_POLICY";
    private const string SpinCount = "GOMP_SPINCOUNT";

    /// <summary>How often an idle OpenMP thread looks for work before it sleeps: some ten microseconds.</summary>
    private const string ShortSpin = "10000";

    /// <summary>The version of libtorch that TorchSharp was built for.</summary>
    public static string LibtorchVersion => "2.10.0";

    /// <summary>
    /// Loads the libtorch that ADAPT_LIBTORCH names, where it is set, and lets idle OpenMP threads sleep soon. Once per process, before its first tensor; values that the
    /// user has set stay.</summary>
    /// <remarks>
    /// OpenMP's default is to spin for milliseconds, which costs nothing on idle cores. On shared ones the threads of one
    /// operation wait for each other's time slices: training 2,400 rows took 15.3 s on two busy cores, and 1.0 s with
    /// threads that sleep. Sleeping at once in turn halves the speed of large operations on idle cores.
    /// Pages of 2 MB (THP_MEM_ALLOC_ENABLE=1) are left to the user: on machines that give idle memory back to their host, a page's first touch costs more than
    /// all that it saves, 0.4 s of a direct solve of 8,000 rows.
    /// </remarks>
    /// <exception cref="DllNotFoundException">There is no libtorch, or the one that ADAPT_LIBTORCH names cannot be used; the message says why and what to do.</exception>
    public static void Initialise()
    {
        bool isSet = Environment.GetEnvironmentVariable(WaitPolicy) is not null || Environment.GetEnvironmentVariable(SpinCount) is not null;
        if (!isSet && !OperatingSystem.IsWindows())
        {
            // .NET keeps an environment of its own; the native library reads the process's.
            _ = SetEnvironment(SpinCount, ShortSpin, overwrite: 0);
        }

        if (Environment.GetEnvironmentVariable(TorchLibraries.Variable) is { Length: > 0 } folder)
        {
            TorchLibraries.Load(folder, TorchLibraries.OwnFolders());
        }
        else
        {
            TorchLibraries.RequireBundled();
        }
    }

    /// <summary>The device of a name: cpu, cuda or cuda:N. Loads libtorch.</summary>
    /// <exception cref="DeviceUnavailableException">There is no such device.</exception>
    public static torch.Device OpenDevice(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsDeviceName(name))
        {
            throw new DeviceUnavailableException(name, $"'{name}' is no device", "use cpu, cuda or cuda:N");
        }

        if (name == Cpu)
        {
            return torch.CPU;
        }

        int index = name == Cuda ? 0 : int.Parse(name.AsSpan(Cuda.Length + 1));
        if (!torch.cuda.is_available())
        {
            throw new DeviceUnavailableException(
                name,
                "libtorch finds no CUDA",
                "use cpu, or a build with -p:AdaptTorchBackend=cuda on a machine with an NVIDIA driver (docs/design/device-lane.md)");
        }

        int count = torch.cuda.device_count();
        return index < count
            ? torch.device(DeviceType.CUDA, index)
            : throw new DeviceUnavailableException(name, $"this machine has {count} CUDA devices", $"use cuda:0 to cuda:{count - 1}");
    }

    /// <summary>Whether a text names a device, which need not be there.</summary>
    public static bool IsDeviceName(string? name) =>
        name is Cpu or Cuda
        || (name is not null && name.StartsWith(Cuda + ":", StringComparison.Ordinal) && byte.TryParse(name.AsSpan(Cuda.Length + 1), System.Globalization.NumberStyles.None, null, out _));

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
