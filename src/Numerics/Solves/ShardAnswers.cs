using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Solves;

/// <summary>What an answer must look like, known before it arrives: whoever carries answers checks them before they are computed with.</summary>
public static class ShardAnswers
{
    /// <summary>The bytes of a shard's answer.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="plan">The solve's plan.</param>
    /// <param name="shard">Which of the plan's shards.</param>
    /// <param name="request">What was asked.</param>
    /// <exception cref="ArgumentException">That is no question to a shard of this layout.</exception>
    public static long BytesOf(NetworkSpec spec, Prior prior, SolvePlan plan, int shard, ShardRequest request)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(request);
        RowRange rows = plan.Shards[shard];
        if (plan.Layout == SolveLayout.KernelRows)
        {
            return request.Question switch
            {
                ShardQuestion.Begin => 0,
                ShardQuestion.Apply => (long)rows.Count * spec.Outputs * request.Columns * Width(request.InDouble || plan.InDouble),
                _ => throw SolveChecks.Unfit(request, "kernel rows"),
            };
        }

        long free = FreeParameters.CountFree(spec, prior);
        return request.Question switch
        {
            ShardQuestion.Begin => sizeof(double) * (free + 2),
            ShardQuestion.Sample => (long)RowSample.Within(rows, plan.Rows, request.Count, plan.Seed).Length * (spec.InputWidth + spec.Outputs) * sizeof(double),
            ShardQuestion.Gram => (long)request.Count * (request.Start + request.Count) * Width(request.InDouble),
            ShardQuestion.Apply => free * request.Columns * sizeof(double),
            _ => throw SolveChecks.Unfit(request, "parameter space"),
        };
    }

    /// <summary>Whether all numbers of an answer of the right size are finite.</summary>
    public static bool AreFinite(SolvePlan plan, ShardRequest request, ReadOnlySpan<byte> answer)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(request);
        bool areSingle = request.Question switch
        {
            ShardQuestion.Gram => !request.InDouble,
            ShardQuestion.Apply => plan.Layout == SolveLayout.KernelRows && !request.InDouble && !plan.InDouble,
            _ => false,
        };
        return areSingle ? AreFinite(MemoryMarshal.Cast<byte, float>(answer)) : AreFinite(MemoryMarshal.Cast<byte, double>(answer));
    }

    private static int Width(bool inDouble) => inDouble ? sizeof(double) : sizeof(float);

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreFinite(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
