using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Samples.CustomerApi;

/// <summary>What a customer saw.</summary>
/// <param name="Inputs">As the source's schema encodes them.</param>
/// <param name="Target">In the data's own units.</param>
internal sealed record Observation(double[] Inputs, double Target)
{
    /// <summary>As the SDK takes them.</summary>
    public static LabelledRows ToRows(Observation[] rows) =>
        new(ToRows([.. rows.Select(row => row.Inputs)]), new Rows(rows.Length, 1, [.. rows.Select(row => row.Target)]));

    /// <summary>As the SDK takes them.</summary>
    public static Rows ToRows(double[][] inputs) =>
        inputs.Length > 0 && inputs[0].Length > 0 && inputs.All(row => row.Length == inputs[0].Length)
            ? new Rows(inputs.Length, inputs[0].Length, [.. inputs.SelectMany(row => row)])
            : throw new InvalidInputException("rows", "there are none, or they differ in length", "send at least one, all of the source's inputs");
}
