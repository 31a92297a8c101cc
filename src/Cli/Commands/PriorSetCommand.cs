using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt prior set</c>: sets the prior by hand.</summary>
internal static class PriorSetCommand
{
    private const string FromSource = "source";
    private const string Zero = "zero";

    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source." };
        var scale = new Option<double>("--scale") { Description = "The prior variance of every parameter.", Required = true };
        var noise = new Option<double>("--noise-variance") { Description = "The noise variance, on the network's own output scale.", Required = true };
        var mean = new Option<string>("--mean") { Description = "source or zero.", DefaultValueFactory = _ => FromSource };
        Option<string> outputs = OutputsOption.Create();
        var command = new Command("set", "Sets the prior by hand, on the network's own output scale.") { source, scale, noise, mean, outputs };
        command.SetAction(async context =>
        {
            double variance = context.Get(scale);
            if (!(variance >= 0) || !double.IsFinite(variance))
            {
                throw new InvalidInputException(scale.Name, $"it is {variance}", "give a number of at least 0");
            }

            var setting = new PriorSetting(variance, context.Positive(noise), context.OneOf(mean, FromSource, Zero) == FromSource)
            {
                IndependentOutputs = OutputsOption.IsIndependent(context, outputs),
            };
            await using ClusterSession session = await context.OpenAsync();
            PriorDescription prior = await session.Client.Source(context.Get(source)).SetPriorAsync(setting, context.CancellationToken);
            context.Output.Document(prior);
            SourceText.WritePrior(context.Output, prior);
            return CommandAction.Done;
        });
        return command;
    }
}
