using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Posteriors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>Some rows of a query: long ones are cut, so that no pass is much larger than others.</summary>
/// <param name="Target">Whose rows.</param>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
internal sealed record QueryPart(QueryTarget Target, int First, int Count);

/// <summary>A query and what is known of its answer.</summary>
/// <param name="query">What is asked.</param>
/// <param name="units">The source's output units.</param>
internal sealed class QueryTarget(BatchQuery query, Standardisation units)
{
    internal BatchQuery Query => query;

    internal PredictionBuffers Buffers { get; } = new(query.Inputs.Rows, units);

    internal Exception? Error { get; set; }

    internal BatchOutcome<Prediction> Outcome() => Error is null
        ? new BatchOutcome<Prediction>(Buffers.ToPrediction(query.Posterior.BasePrior, query.Posterior.Factors.Noise))
        : new BatchOutcome<Prediction>(Error);
}
