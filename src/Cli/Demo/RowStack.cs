using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Demo;

/// <summary>Rows of several tasks below each other.</summary>
internal static class RowStack
{
    public static LabelledRows Of(IReadOnlyList<LabelledRows> parts) =>
        new(Of([.. parts.Select(part => part.Inputs)]), Of([.. parts.Select(part => part.Targets)]));

    public static Rows Of(IReadOnlyList<Rows> parts) =>
        new(parts.Sum(part => part.Count), parts[0].Width, [.. parts.SelectMany(part => part.Values)]);
}
