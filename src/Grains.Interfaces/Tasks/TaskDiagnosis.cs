using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>What an adaptation rests on and how far it can be trusted, from a sample of the task's own rows.</summary>
[GenerateSerializer, Immutable, Alias("adapt.TaskDiagnosis")]
public sealed record TaskDiagnosis
{
    /// <summary>The version of the posterior.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>The rows looked at.</summary>
    [Id(1)]
    public required int Rows { get; init; }

    /// <summary>How much better a left-out observation is predicted than by the source network alone, in nats per observation.</summary>
    [Id(2)]
    public required double Gain { get; init; }

    /// <summary>Its standard error, over the observations.</summary>
    [Id(3)]
    public required double GainError { get; init; }

    /// <summary>Leave-one-out mean squared error, in the target's own units.</summary>
    [Id(4)]
    public required double MeanSquaredError { get; init; }

    /// <summary>Probabilities of central intervals.</summary>
    [Id(5)]
    public required ImmutableArray<double> Levels { get; init; }

    /// <summary>The share of left-out observations within each: the level itself, if predictions mean what they say.</summary>
    [Id(6)]
    public required ImmutableArray<double> Coverage { get; init; }

    /// <summary>
    /// The network with its weights moved as far as the posterior says, against its linearisation: root mean square of the difference over that of the change. Null
    /// where the weights cannot be moved.
    /// </summary>
    [Id(7)]
    public double? LinearisationError { get; init; }

    /// <summary>The largest eigenvalues of the kernel over the noise, for all rows: above 1 the data determine a direction, below 1 the prior does.</summary>
    [Id(8)]
    public required ImmutableArray<double> Spectrum { get; init; }

    /// <summary>How many directions the data determine.</summary>
    [Id(9)]
    public required double EffectiveDimension { get; init; }

    /// <summary>
    /// The cosine between the Fisher informations of the source's rows and the task's, 0 to 1: whether the same directions of the parameters matter. Null where rows
    /// of the source are not known.
    /// </summary>
    [Id(10)]
    public double? FisherSimilarity { get; init; }

    /// <summary>The share of the prior variance at the task's rows that observations at the source's rows would remove, 0 to 1.</summary>
    [Id(11)]
    public double? ExplainedBySource { get; init; }
}
