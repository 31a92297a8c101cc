using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Schemas;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt sources import</c>: registers the network of a model file.</summary>
internal static class SourcesImportCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "What the source will be called." };
        var model = new Option<string>("--model")
        {
            Description = "An ONNX model, safetensors, a PyTorch state dictionary, or a TorchScript program.",
            Required = true,
        };
        var trust = new Option<bool>("--trust") { Description = "The file may be a program (TorchScript) and is run: whoever made it is trusted." };
        var inputs = new Option<string?>("--inputs") { Description = "The shape of one row for TorchScript, as in 12 or 3x32x32." };
        var output = new Option<string?>("--output") { Description = "Which output of an ONNX model is meant, where it has several." };
        var network = new NetworkOptions();
        var command = new Command("import", "Registers the network of a model file as a source.") { name, model, trust, inputs, output };
        network.AddTo(command);
        command.SetAction(async context =>
        {
            string file = context.Get(model);
            IReadOnlyList<int> shape = context.Shape(inputs);
            SchemaFile? schema = await network.ReadSchemaAsync(context);
            if (schema is { Targets.IsEmpty: true })
            {
                throw new InvalidInputException(context.Find(network.Schema)!, "it names no targets", "list the names of the outputs under \"targets\"");
            }

            var options = new ImportOptions
            {
                FileName = file,
                Spec = await network.ReadSpecAsync(context),
                SpecName = context.Find(network.Spec) ?? "spec",
                Schema = schema?.Schema,
                Targets = schema?.Targets ?? [],
                InputMean = schema?.InputMean ?? [],
                InputScale = schema?.InputScale ?? [],
                OutputMean = schema?.OutputMean ?? [],
                OutputScale = schema?.OutputScale ?? [],
                Adapting = context.Get(network.Adapt),
                Trust = context.Find(trust),
                InputShape = shape,
                Output = context.Find(output),
            };
            return await RunAsync(context, context.Get(name), file, options);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string name, string file, ImportOptions options)
    {
        await using FileStream model = InputFile.Open(file);
        await using ClusterSession session = await context.OpenAsync();
        SourceHandle source = session.Client.Source(name);
        SourceDescription registered = await ProgressBars.RunAsync(
            context.Output, $"importing {name}", _ => source.ImportAsync(model, options, context.CancellationToken));
        context.Output.Document(registered);
        SourceText.Write(context.Output, registered);
        return CommandAction.Done;
    }
}
