using System.Collections.Immutable;
using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Schemas;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt sources train</c>: trains a network on a file and registers it.</summary>
internal static class SourcesTrainCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "What the source will be called." };
        var data = new DataOptions();
        var features = new Option<string?>("--features") { Description = "The input columns, as in a,b. Default: all but task and target." };
        var hidden = new Option<string>("--hidden") { Description = "The widths of the hidden layers.", DefaultValueFactory = _ => "64,64" };
        var activation = new Option<string>("--activation")
        {
            Description = "tanh, relu, gelu, silu, sigmoid, leakyrelu, elu, softplus or identity.",
            DefaultValueFactory = _ => "tanh",
        };
        var network = new NetworkOptions();
        var epochs = new Option<int>("--epochs") { Description = "The most passes over the data.", DefaultValueFactory = _ => 200 };
        var batchSize = new Option<int>("--batch-size") { Description = "Rows per gradient step.", DefaultValueFactory = _ => 256 };
        var learningRate = new Option<double>("--learning-rate") { Description = "Adam's step size.", DefaultValueFactory = _ => 1e-3 };
        var patience = new Option<int>("--patience")
        {
            Description = "Epochs without improvement on held-out rows after which training stops.",
            DefaultValueFactory = _ => 20,
        };
        var seed = new Option<int>("--seed") { Description = "Seeds everything random.", DefaultValueFactory = _ => 0 };
        var command = new Command("train", "Trains a network on a file and registers it as a source.") { name };
        data.AddTo(command, target: true, minRows: false);
        foreach (Option option in new Option[] { features, hidden, activation, epochs, batchSize, learningRate, patience, seed })
        {
            command.Options.Add(option);
        }

        network.AddTo(command);
        command.SetAction(async context =>
        {
            context.RequireOneOf(network.Schema, features);
            context.RequireOneOf(network.Spec, hidden);
            context.RequireOneOf(network.Spec, activation);
            SchemaFile? schema = await network.ReadSchemaAsync(context);
            if (schema is { HasStandardisation: true })
            {
                throw new InvalidInputException(
                    context.Find(network.Schema)!, "it has a standardisation, but training finds its own", "remove \"inputs\" and \"outputs\"");
            }

            var columns = new TrainingColumns(context.Get(data.Target), context.Names(features), schema?.Schema);
            if (schema is { Targets.IsEmpty: false } && !schema.Targets.SequenceEqual(SourceColumns.Split(columns.Target)))
            {
                throw new InvalidInputException(
                    data.Target.Name, $"it is {columns.Target}, but the schema has {string.Join(",", schema.Targets)}", "make them equal");
            }

            return await RunAsync(context, context.Get(name), data, columns, new TrainingOptions
            {
                Spec = await network.ReadSpecAsync(context),
                SpecName = context.Find(network.Spec) ?? "network",
                Adapting = context.Get(network.Adapt),
                Hidden = context.Widths(hidden),
                Activation = context.Get(activation),
                Epochs = context.Positive(epochs),
                BatchSize = context.Positive(batchSize),
                LearningRate = context.Positive(learningRate),
                Patience = context.Positive(patience),
                Seed = context.Get(seed),
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, string name, DataOptions data, TrainingColumns columns, TrainingOptions options)
    {
        Table table = await TableFile.ReadAsync(context.Get(data.Data), null, context.CancellationToken);
        (InputSchema schema, ImmutableArray<string> targets, LabelledRows rows, _) = TaskFile.ForTraining(
            table, columns, context.Get(data.Task), context.Find(data.DropMissing));
        await using ClusterSession session = await context.OpenAsync();
        SourceHandle source = session.Client.Source(name);
        SourceDescription registered = await ProgressBars.RunAsync(context.Output, $"training {name}", report => source.TrainAsync(
            rows,
            schema,
            [.. targets],
            options,
            new InlineProgress<TrainingUpdate>(update => report(
                (double)update.Epoch / update.Epochs,
                $"epoch {update.Epoch}, held-out loss {update.ValidationLoss:0.0000}")),
            context.CancellationToken));
        context.Output.Document(registered);
        SourceText.Write(context.Output, registered);
        return CommandAction.Done;
    }
}
