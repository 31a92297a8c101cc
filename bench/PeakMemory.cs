using System.Runtime.InteropServices;

namespace AdaptCluster.Bench;

/// <summary>The largest resident memory of this process since it was last reset (Linux; elsewhere since its start).</summary>
internal static partial class PeakMemory
{
    private const string ClearReferences = "/proc/self/clear_refs";

    public static void Reset()
    {
        // What was prepared before is not to count: both heaps give back what they hold and do not use.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
        {
            _ = Trim(0);
        }

        if (File.Exists(ClearReferences))
        {
            File.WriteAllText(ClearReferences, "5");
        }
    }

    /// <returns>GB of 10^9 bytes.</returns>
    public static double Read()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.PeakWorkingSet64 / 1e9;
        }

        string line = File.ReadLines(Status).First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024 / 1e9;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint padding);
}
