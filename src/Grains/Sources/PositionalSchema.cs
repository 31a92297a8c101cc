using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Sources;

/// <summary>The columns of a source that nobody named: <c>x0</c>, <c>x1</c> and so on, or one list <c>x</c> where they are many.</summary>
internal static class PositionalSchema
{
    /// <summary>The most columns that are numbers of their own.</summary>
    public const int MostNumbers = 64;

    /// <param name="spec">The network.</param>
    /// <param name="wholeInputs">The names of its inputs that are whole numbers.</param>
    public static InputSchema Of(NetworkSpec spec, ImmutableArray<string> wholeInputs)
    {
        bool[] whole = [.. spec.Inputs.SelectMany(input => Enumerable.Repeat(wholeInputs.Contains(input.Name), Count(input)))];
        if (spec.InputWidth > MostNumbers)
        {
            return new InputSchema([new InputColumn("x", []) { Length = spec.InputWidth, IsIndex = Array.TrueForAll(whole, isWhole => isWhole) }]);
        }

        return new InputSchema([.. whole.Select((isWhole, i) => new InputColumn($"x{i}", []) { IsIndex = isWhole })]);
    }

    /// <summary>The names of targets that nobody named.</summary>
    public static ImmutableArray<string> Targets(int outputs) =>
        outputs == 1 ? ["y"] : [.. Enumerable.Range(0, outputs).Select(i => $"y{i}")];

    private static int Count(NetworkInput input) => input.Shape.Aggregate(1, (product, length) => product * length);
}
