using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Renewals;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt prior show</c>.</summary>
internal static class PriorShowCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source." };
        var command = new Command("show", "Shows the current prior of a source.") { source };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            SourceHandle handle = session.Client.Source(context.Get(source));
            SourceDescription description = await handle.DescribeAsync(context.CancellationToken);
            PriorDescription prior = description.Prior
                ?? throw new NotFoundException("prior of source", description.Name, $"learn one with 'adapt prior fit {description.Name}'");
            RenewalDescription? renewal = await handle.DescribeRenewalAsync(context.CancellationToken);
            context.Output.Document(CommandOutput.With(prior, "renewal", renewal));
            SourceText.WritePrior(context.Output, prior);
            SourceText.WriteRenewal(context.Output, renewal);
            return CommandAction.Done;
        });
        return command;
    }
}
