using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;

namespace AdaptCluster.Cli.Commands;

/// <summary>What a command's action gets: its options, where to write, and the way to a cluster.</summary>
/// <param name="Parse">The parsed command line.</param>
/// <param name="Output">Where to write.</param>
/// <param name="CancellationToken">Cancelled by Ctrl-C.</param>
internal sealed record CommandContext(ParseResult Parse, CommandOutput Output, CancellationToken CancellationToken)
{
    public T Get<T>(Option<T> option) => Parse.GetRequiredValue(option);

    public T? Find<T>(Option<T> option) => Parse.GetValue(option);

    public T Get<T>(Argument<T> argument) => Parse.GetRequiredValue(argument);

    public T? Find<T>(Argument<T> argument) => Parse.GetValue(argument);

    /// <summary>Opens the cluster that the global options name.</summary>
    public Task<ClusterSession> OpenAsync() => ClusterSession.OpenAsync(Parse.Session(), CancellationToken);
}
