using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>One column of a source's input.</summary>
/// <param name="Name">The name of the column.</param>
/// <param name="Categories">The vocabulary of a text column, in the order of its one-hot columns; empty for a number.</param>
[GenerateSerializer, Immutable, Alias("adapt.InputColumn")]
public sealed record InputColumn(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableArray<string> Categories)
{
    /// <summary>Whether the column holds text, encoded one-hot.</summary>
    public bool IsCategorical => !Categories.IsDefaultOrEmpty;

    /// <summary>How many network inputs the column becomes.</summary>
    public int Width => IsCategorical ? Categories.Length : 1;
}
