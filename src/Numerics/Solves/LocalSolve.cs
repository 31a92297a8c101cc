using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Priors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>An iterative solve in this process: the same coordinator and shards as in a cluster, with nothing in between.</summary>
public static class LocalSolve
{
    private static readonly TimeSpan s_slice = TimeSpan.FromSeconds(1);

    /// <summary>Solves.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where.</param>
    /// <param name="data">All rows.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Gives up between parts of the work.</param>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    /// <exception cref="Errors.NumericsException">A matrix cannot be factorised, or the network overflows on a row.</exception>
    public static SolveResult Run(
        SourceModel model, torch.Device device, TaskData data, Prior prior, SolvePlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(plan);
        bool isFunction = plan.Layout == SolveLayout.KernelRows;
        using SolveRun run = SolveRun.Create(model, device, prior, plan, isFunction ? data : null);
        Converse(run, plan, s => SolveShard.Create(model, device, prior, plan, s, isFunction ? data : data.Slice(plan.Shards[s].Start, plan.Shards[s].Count)), cancellationToken);
        return run.Result!;
    }

    /// <summary>Solves all targets of a panel.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where.</param>
    /// <param name="inputs">The shared inputs, [n, d], in the data's units.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="prior">Scales and noise, which the targets' factors multiply.</param>
    /// <param name="plan">The plan, of kernel rows.</param>
    /// <param name="cancellationToken">Gives up between parts of the work.</param>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    /// <exception cref="Errors.NumericsException">A matrix cannot be factorised, or the network overflows on a row.</exception>
    public static PanelResult RunPanel(
        SourceModel model, torch.Device device, RowMatrix inputs, PanelTargets targets, Prior prior, SolvePlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using SolveRun run = SolveRun.CreatePanel(model, device, prior, plan, inputs, targets);
        Converse(run, plan, s => SolveShard.CreatePanel(model, device, prior, plan, s, inputs), cancellationToken);
        return run.Panel!;
    }

    private static void Converse(SolveRun run, SolvePlan plan, Func<int, SolveShard> create, CancellationToken cancellationToken)
    {
        var shards = new List<SolveShard>();
        try
        {
            shards.AddRange(Enumerable.Range(0, plan.Shards.Length).Select(create));
            while (!run.IsDone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                run.Advance(s_slice);
                if (run.Request is { } request)
                {
                    run.Answer([.. shards.Select(shard => AnswerOf(shard, request, cancellationToken))]);
                }
            }
        }
        finally
        {
            shards.ForEach(shard => shard.Dispose());
        }
    }

    private static byte[] AnswerOf(SolveShard shard, ShardRequest request, CancellationToken cancellationToken)
    {
        using ShardWork work = shard.Start(request);
        while (!work.Advance(s_slice))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return work.Answer!;
    }
}
