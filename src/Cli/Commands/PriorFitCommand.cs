using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt prior fit</c>: learns the fleet prior from many tasks.</summary>
internal static class PriorFitCommand
{
    private const string Block = "block";
    private const string SingleScale = "single";
    private const string Auto = "auto";

    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source." };
        var data = new DataOptions();
        var scales = new Option<string>("--scales")
        {
            Description = "block: one scale per parameter tensor; single: one for all.",
            DefaultValueFactory = _ => Block,
        };
        var rank = new Option<string>("--rank")
        {
            Description = "How many directions are learned beside the scales, with a shift: a number, or auto for what explains held-out tasks best.",
            DefaultValueFactory = _ => "0",
        };
        var rowsPerTask = new Option<int>("--rows-per-task")
        {
            Description = "The most rows of one task that enter the evidence.",
            DefaultValueFactory = _ => new PriorFitOptions().MaxRowsPerTask,
        };
        var iterations = new Option<int>("--iterations")
        {
            Description = "The most iterations of the optimiser.",
            DefaultValueFactory = _ => new PriorFitOptions().MaxIterations,
        };
        var seed = new Option<int>("--seed") { Description = "Seeds the sample of rows of larger tasks.", DefaultValueFactory = _ => 0 };
        Option<string> outputs = OutputsOption.Create();
        var command = new Command("fit", "Learns from many tasks of a source what a new one looks like.") { source };
        data.AddTo(command, target: true, minRows: true);
        foreach (Option option in new Option[] { scales, rank, outputs, rowsPerTask, iterations, seed })
        {
            command.Options.Add(option);
        }

        command.SetAction(context => RunAsync(
            context,
            context.Get(source),
            data,
            new PriorFitOptions
            {
                SingleScale = context.OneOf(scales, Block, SingleScale) == SingleScale,
                MaxRowsPerTask = context.Positive(rowsPerTask),
                MaxIterations = context.Positive(iterations),
                Seed = context.Get(seed),
                IndependentOutputs = OutputsOption.IsIndependent(context, outputs),
                Rank = RankOf(context.Get(rank), rank.Name),
            }));
        return command;
    }

    private static int? RankOf(string text, string option) =>
        text == Auto ? null
        : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int rank) ? rank
        : throw new InvalidInputException(option, $"it is '{text}'", "give a number of at least 0, or auto");

    private static async Task<int> RunAsync(CommandContext context, string name, DataOptions data, PriorFitOptions options)
    {
        int minRows = context.NotNegative(data.MinRows);
        await using LabelledInput input = await LabelledInput.OpenAsync(context, name, data);
        Client.Data.TaskRows[] tasks =
        [
            .. TaskSizes.Require(input.Tasks, minRows, input.Table, context.Output)
                .Select(group => new Client.Data.TaskRows(group.Group.Task, group.Rows)),
        ];
        PriorDescription prior = await ProgressBars.RunAsync(
            context.Output,
            $"fitting the prior of {name}",
            report => input.Source.FitPriorAsync(
                tasks,
                options,
                new InlineProgress<PriorFitUpdate>(update => report(
                    Math.Min(0.99, (double)update.Evaluation / options.MaxIterations),
                    $"evaluation {update.Evaluation}, evidence {update.LogEvidencePerRow:0.0000} nats per row")),
                context.CancellationToken));
        context.Output.Document(prior);
        SourceText.WritePrior(context.Output, prior);
        return CommandAction.Done;
    }
}
