using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>What a source's new tasks look like before they have data. One version never changes.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PriorDescription")]
public sealed record PriorDescription
{
    /// <summary>Counts the priors of the source from 1.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>The prior variance of each parameter of a block, in block order; 0 freezes the block.</summary>
    [Id(1)]
    public required ImmutableArray<double> BlockScales { get; init; }

    /// <summary>The names of the blocks, one per parameter tensor.</summary>
    [Id(2)]
    public required ImmutableArray<string> BlockNames { get; init; }

    /// <summary>The noise variance per output, on the network's own output scale (standardised, squared).</summary>
    [Id(3)]
    public required ImmutableArray<double> NoiseVariance { get; init; }

    /// <summary>Whether the prior mean is the source network's output (otherwise zero).</summary>
    [Id(4)]
    public required bool MeanIsSource { get; init; }

    /// <summary>
    /// The noise variance that explains the data best when nothing is adapted: the mean squared residual of the source,
    /// on the network's own output scale. Source-only densities use it.
    /// </summary>
    [Id(5)]
    public required double SourceNoiseVariance { get; init; }

    /// <summary>How it came about: the fit's statistics, or that it was set by hand.</summary>
    [Id(6)]
    public PriorFitSummary? Fit { get; init; }

    /// <summary>Whether every output of a task is adapted on its own, instead of all together.</summary>
    [Id(7)]
    public bool OutputsAreIndependent { get; init; }

    /// <summary>How many directions were learned in which tasks differ beyond what the scales say.</summary>
    [Id(8)]
    public int Rank { get; init; }

    /// <summary>The content hash of the learned shift and directions in the tensor store; null where there are neither.</summary>
    [Id(9)]
    public string? MovesHash { get; init; }

    /// <summary>
    /// How far tasks differ in noise: the standard deviation of the logarithm of a task's noise variance over the fleet's, which is their mean. 0: all have
    /// the fleet's.
    /// </summary>
    [Id(10)]
    public double NoiseSpread { get; init; }

    /// <summary>The same of a task's parameter variances over the fleet's.</summary>
    [Id(11)]
    public double ScaleSpread { get; init; }

    /// <summary>
    /// The power to which a task's likelihood counts where it moves its noise and scale, at most 1: less where the noise has heavy tails. 0 where no spread was learned.
    /// </summary>
    [Id(12)]
    public double SpreadTrust { get; init; }
}
