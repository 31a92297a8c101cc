using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>What a source's rows look like before they are encoded, in column order.</summary>
/// <param name="Columns">The input columns.</param>
[GenerateSerializer, Immutable, Alias("adapt.InputSchema")]
public sealed record InputSchema([property: Id(0)] ImmutableArray<InputColumn> Columns)
{
    /// <summary>How many network inputs the columns become together.</summary>
    public int Width => Columns.Sum(column => column.Width);

    /// <summary>A schema of numbers only.</summary>
    public static InputSchema Numeric(params ReadOnlySpan<string> names)
    {
        ImmutableArray<InputColumn>.Builder columns = ImmutableArray.CreateBuilder<InputColumn>(names.Length);
        foreach (string name in names)
        {
            columns.Add(new InputColumn(name, []));
        }

        return new InputSchema(columns.MoveToImmutable());
    }
}
