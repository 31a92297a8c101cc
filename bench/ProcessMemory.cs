using System.Globalization;

namespace AdaptCluster.Bench;

/// <summary>Resident memory of a process on this machine (Linux).</summary>
internal static class ProcessMemory
{
    /// <summary>Megabytes of 2^20 bytes that it has now.</summary>
    public static double Resident(int process) => Read(process, "VmRSS:");

    /// <summary>The most megabytes since its start, or since <see cref="ResetPeak"/>.</summary>
    public static double Peak(int process) => Read(process, "VmHWM:");

    /// <summary>What it has had so far does not count any more.</summary>
    public static void ResetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    /// <summary>Nothing for a process that has just ended.</summary>
    private static double Read(int process, string field)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
