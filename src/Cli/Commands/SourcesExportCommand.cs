using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt sources export</c>: writes a source's network as a file.</summary>
internal static class SourcesExportCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The source." };
        var destination = new Option<string>("--out") { Description = "The file to write: .onnx or .safetensors.", Required = true };
        var force = new Option<bool>("--force") { Description = "Replaces a file that is there." };
        var command = new Command("export", "Writes a source's network as ONNX, or its weights as safetensors.") { name, destination, force };
        command.SetAction(context => RunAsync(context, context.Get(name), context.Get(destination), context.Find(force)));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string name, string destination, bool force)
    {
        SourceFormat format = FormatOf(destination);
        ReplacedFile.CheckWritable(destination);
        if (File.Exists(destination) && !force)
        {
            throw new TableException(destination, "the file exists", "name another one, or replace it with --force");
        }

        await using ClusterSession session = await context.OpenAsync();
        SourceHandle source = session.Client.Source(name);
        await ReplacedFile.WriteAsync(destination, stream => source.ExportAsync(format, stream, context.CancellationToken));
        long bytes = new FileInfo(destination).Length;
        context.Output.Document(new { source = name, @out = Path.GetFullPath(destination), format, bytes });
        context.Output.Line($"wrote {destination}, {bytes:N0} bytes");
        return CommandAction.Done;
    }

    private static SourceFormat FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".onnx" => SourceFormat.Onnx,
        ".safetensors" => SourceFormat.Safetensors,
        _ => throw new InvalidInputException("--out", $"'{path}' is of no kind that is written", "use the extension .onnx or .safetensors"),
    };
}
