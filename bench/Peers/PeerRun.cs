using System.Diagnostics;
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
    private const string Python = "/usr/bin/python3";

    /// <exception cref="InvalidOperationException">It cannot be run; the message says what it wrote.</exception>
    public static async Task<PeerRun> RunAsync(string folder, params string[] arguments)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "gp.py");
        var start = new ProcessStartInfo(Python, [script, folder, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{Python} cannot be started.");
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"gp.py ended with {process.ExitCode}: {await error}");
        }

        using JsonDocument timings = JsonDocument.Parse(output);
        return new PeerRun(
            timings.RootElement.GetProperty("seconds_total").GetDouble(),
            timings.RootElement.GetProperty("gemm_gflops").GetDouble(),
            Read(folder, "mean.f64"),
            Read(folder, "variance.f64"));
    }

    private static double[] Read(string folder, string name) =>
        MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, name))).ToArray();
}
