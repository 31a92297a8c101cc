using System.Runtime.InteropServices;
using System.Text.Json;

namespace AdaptCluster.Bench.Peers;

/// <summary>One run of gp.py.</summary>
/// <param name="Seconds">Kernel, solve and prediction, as it measured them.</param>
/// <param name="Gflops">What its matrix product reached just before.</param>
/// <param name="Mean">Of the test rows.</param>
/// <param name="Variance">Of the function at the test rows.</param>
internal sealed record PeerRun(double Seconds, double Gflops, double[] Mean, double[] Variance)
{
    /// <exception cref="InvalidOperationException">It cannot be run; the message says what it wrote.</exception>
    public static async Task<PeerRun> RunAsync(string folder, params string[] arguments)
    {
        using JsonDocument timings = await PythonProgram.RunAsync("gp.py", [folder, .. arguments]);
        return new PeerRun(
            timings.RootElement.GetProperty("seconds_total").GetDouble(),
            timings.RootElement.GetProperty("gemm_gflops").GetDouble(),
            Read(folder, "mean.f64"),
            Read(folder, "variance.f64"));
    }

    private static double[] Read(string folder, string name) =>
        MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, name))).ToArray();
}
