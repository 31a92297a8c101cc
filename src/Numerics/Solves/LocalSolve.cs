using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
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
        var shards = new List<SolveShard>();
        using SolveRun run = SolveRun.Create(model, device, prior, plan, isFunction ? data : null);
        try
        {
            for (int s = 0; s < plan.Shards.Length; s++)
            {
                RowRange range = plan.Shards[s];
                TaskData rows = isFunction ? data : new TaskData(data.Inputs.Slice(range.Start, range.Count), data.Targets.Slice(range.Start, range.Count));
                shards.Add(SolveShard.Create(model, device, prior, plan, s, rows));
            }

            while (!run.IsDone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                run.Advance(s_slice);
                if (run.Request is { } request)
                {
                    run.Answer([.. shards.Select(shard => AnswerOf(shard, request, cancellationToken))]);
                }
            }

            return run.Result!;
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
