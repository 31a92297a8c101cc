using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt prior fit</c>: learns the fleet prior from many tasks.</summary>
internal static class PriorFitCommand
{
    private const string Block = "block";
    private const string SingleScale = "single";
    private const string Learned = "learned";
    private const string None = "none";

    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source." };
        var data = new DataOptions();
        var scales = new Option<string>("--scales")
        {
            Description = "block: one scale per parameter tensor; single: one for all.",
            DefaultValueFactory = _ => Block,
        };
        Option<string> rank = RankOption.Create();
        var spread = new Option<string>("--spread")
        {
            Description = "learned: how far tasks differ in noise and overall scale, so that one with much data gets its own; none: all have the fleet's.",
            DefaultValueFactory = _ => Learned,
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
        foreach (Option option in new Option[] { scales, rank, spread, outputs, rowsPerTask, iterations, seed })
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
                Rank = RankOption.Read(context, rank),
                LearnsSpread = context.OneOf(spread, Learned, None) == Learned,
            }));
        return command;
    }

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
