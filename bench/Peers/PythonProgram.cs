using System.Diagnostics;
using System.Text.Json;

namespace AdaptCluster.Bench.Peers;

/// <summary>A program beside the bench, run by the machine's own Python, that prints one JSON document.</summary>
internal static class PythonProgram
{
    private const string Python = "/usr/bin/python3";

    /// <returns>What it printed; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">It cannot be run; the message says what it wrote.</exception>
    public static async Task<JsonDocument> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{Python} cannot be started.");
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonDocument.Parse(output)
            : throw new InvalidOperationException($"{script} ended with {process.ExitCode}: {await error}");
    }
}
