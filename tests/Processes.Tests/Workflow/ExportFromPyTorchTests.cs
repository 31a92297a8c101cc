using System.Diagnostics;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Workflow;

/// <summary>The lines that docs/importing.md shows, run by PyTorch where it is, and the file that they write, imported.</summary>
public sealed class ExportFromPyTorchTests : IDisposable
{
    private const string Python = "/usr/bin/python3"; // Debian's, whose packages are what a machine can install
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ExportInFiveLines_ThenImport_KeepsEveryParametersName()
    {
        Assert.SkipUnless(File.Exists(Python) && await RunAsync("-c", "import torch, onnx") == 0, "PyTorch and its ONNX package are not installed");
        string model = _folder.File("model.onnx");

        Assert.Equal(0, await RunAsync(ModelFiles.ExportScript, model));
        (await _folder.RunAsync("sources", "import", "five", "--model", model)).Succeeded();
        CommandResult shown = (await _folder.RunAsync("sources", "show", "five")).Succeeded();

        Assert.Contains("3 numbers by position", shown.Out, StringComparison.Ordinal);
        (await _folder.RunAsync("sources", "import", "some", "--model", model, "--adapt", "0.weight,0.bias,1.weight,1.bias,3.*")).Succeeded();
    }

    private static async Task<int> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Python, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage("{0}", error);
        return process.ExitCode;
    }
}
