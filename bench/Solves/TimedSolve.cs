using System.Diagnostics;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;
using TorchSharp;

namespace AdaptCluster.Bench.Solves;

/// <summary>One solve in this process, with the time of its parts.</summary>
/// <param name="Result">What it gave.</param>
/// <param name="Seconds">All of it.</param>
/// <param name="IterationSeconds">The median of its steps with one column running.</param>
internal sealed record TimedSolve(SolveResult Result, double Seconds, double IterationSeconds)
{
    private static readonly TimeSpan s_slice = TimeSpan.FromSeconds(1);

    /// <summary>Solves on one shard.</summary>
    public static TimedSolve Run(SourceModel model, TaskData data, Prior prior, SolvePlan plan)
    {
        long started = Stopwatch.GetTimestamp();
        var steps = new List<double>();
        using SolveRun run = SolveRun.Create(model, torch.CPU, prior, plan, plan.Layout == SolveLayout.KernelRows ? data : null);
        using SolveShard shard = SolveShard.Create(model, torch.CPU, prior, plan, 0, data);
        while (!run.IsDone)
        {
            run.Advance(s_slice);
            if (run.Request is { } request)
            {
                long asked = Stopwatch.GetTimestamp();
                bool isStep = run.Progress.Phase == SolvePhase.Iterating && request is { Question: ShardQuestion.Apply, Columns: 1 };
                run.Answer([AnswerOf(shard, request)]);
                if (isStep)
                {
                    steps.Add(Stopwatch.GetElapsedTime(asked).TotalSeconds);
                }
            }
        }

        steps.Sort();
        return new TimedSolve(run.Result!, Stopwatch.GetElapsedTime(started).TotalSeconds, steps.Count == 0 ? double.NaN : steps[steps.Count / 2]);
    }

    private static byte[] AnswerOf(SolveShard shard, ShardRequest request)
    {
        using ShardWork work = shard.Start(request);
        while (!work.Advance(s_slice))
        {
            // Nothing else runs in between.
        }

        return work.Answer!;
    }
}
