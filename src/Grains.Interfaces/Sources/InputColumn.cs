using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>One column of a source's input: a number, a text with a vocabulary, or a list of numbers.</summary>
/// <param name="Name">The name of the column.</param>
/// <param name="Categories">The vocabulary of a text column, in the order of its one-hot columns or indices; empty for numbers.</param>
[GenerateSerializer, Immutable, Alias("adapt.InputColumn")]
public sealed record InputColumn(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableArray<string> Categories)
{
    /// <summary>How many numbers a row has in a column of lists, such as an image or a sequence; 0 or 1 for a single number.</summary>
    [Id(2)]
    public int Length { get; init; }

    /// <summary>
    /// Whether the numbers are indices, for an embedding: a text becomes its place in the vocabulary, counted from 0, and
    /// numbers are whole. Indices are never standardised.
    /// </summary>
    [Id(3)]
    public bool IsIndex { get; init; }

    /// <summary>Whether the column holds text.</summary>
    public bool IsCategorical => !Categories.IsDefaultOrEmpty;

    /// <summary>Whether a row has more than one number of its own in the column.</summary>
    public bool IsTensor => !IsCategorical && Length > 1;

    /// <summary>How many network inputs the column becomes.</summary>
    public int Width => IsCategorical && !IsIndex ? Categories.Length : Math.Max(1, IsCategorical ? 1 : Length);
}
