using AdaptCluster.Client.Data;

namespace AdaptCluster.Client.Panels;

/// <summary>What one target of a panel observed.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Values">
/// <c>[n, c]</c>, in the data's own units, in the order of the panel's inputs; NaN in all outputs of a row that was not observed.
/// </param>
public sealed record PanelTargetRows(string Target, Rows Values)
{
    /// <summary>What the prior's noise variance is multiplied by for this target. Default 1.</summary>
    public double NoiseScale { get; init; } = 1;

    /// <summary>What the prior's parameter variances are multiplied by for this target. Default 1.</summary>
    public double PriorScale { get; init; } = 1;
}
