using System.Diagnostics.CodeAnalysis;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>Priors by content, most often told by the instance of their directions: those have a number per parameter and direction.</summary>
internal sealed class SamePrior : IEqualityComparer<Prior>
{
    internal static readonly SamePrior Comparer = new();

    public bool Equals(Prior? x, Prior? y) =>
        ReferenceEquals(x, y)
        || (x is not null && y is not null
            && (x.Shift == y.Shift && x.Directions == y.Directions ? (x with { Shift = [], Directions = [] }).Equals(y with { Shift = [], Directions = [] }) : x.Equals(y)));

    public int GetHashCode([DisallowNull] Prior obj) => obj.GetHashCode();
}
