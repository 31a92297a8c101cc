using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solves;

/// <summary>A coordinator and its shards in this process, with an onlooker.</summary>
internal static class Conversation
{
    public static SolveResult Run(Case c, SolvePlan plan, TaskData data, byte[]? checkpoint, Action<SolveRun> beforeEveryAnswer)
    {
        bool isFunction = plan.Layout == SolveLayout.KernelRows;
        using SolveRun run = SolveRun.Create(c.Model, torch.CPU, c.Prior, plan, isFunction ? data : null, checkpoint);
        var shards = new List<SolveShard>();
        try
        {
            shards.AddRange(plan.Shards.Select((range, s) => SolveShard.Create(
                c.Model, torch.CPU, c.Prior, plan, s, isFunction ? data : data.Slice(range.Start, range.Count))));
            while (!run.IsDone)
            {
                run.Advance(TimeSpan.Zero);
                if (run.Request is { } request)
                {
                    beforeEveryAnswer(run);
                    run.Answer([.. shards.Select(shard => Answer(shard, request))]);
                }
            }

            return run.Result!;
        }
        finally
        {
            shards.ForEach(shard => shard.Dispose());
        }
    }

    public static byte[] Answer(SolveShard shard, ShardRequest request)
    {
        using ShardWork work = shard.Start(request);
        while (!work.Advance(TimeSpan.Zero))
        {
            // Part by part, as on a device that does other things in between.
        }

        return work.Answer!;
    }
}
