using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Export;

/// <summary>Writes normalisations. A scale of 1 and a shift of 0 that a network does not have are constants.</summary>
internal sealed class NormalisationExport(NetworkExport network, string x, ImmutableArray<int> shape, NormalisationNode node)
{
    private OnnxBuilder Builder => network.Builder;

    private OnnxSchema.AttributeProto Epsilon => OnnxBuilder.Number("epsilon", node.Epsilon);

    internal string Run() => node switch
    {
        BatchNormNode batch => Builder.Add(
            "BatchNormalization", [x, Scale(node.AffineShape(shape)), Shift(node.AffineShape(shape)), network.Tensor(batch.MeanName), network.Tensor(batch.VarianceName)], node.Name, Epsilon),
        LayerNormNode layer => Builder.Add(
            "LayerNormalization", [x, Scale(node.AffineShape(shape)), Shift(node.AffineShape(shape))], node.Name, OnnxBuilder.Integer("axis", -layer.Axes), Epsilon),
        GroupNormNode group => Group(group),
        _ => throw new ArgumentException($"'{node.Name}' is a {node.GetType().Name}, which is not written."),
    };

    // One group per channel is instance normalisation. Other groups are the channels of a reshaped value; scale and shift come after.
    private string Group(GroupNormNode group)
    {
        int channels = shape[0];
        if (group.Groups == channels && shape.Length > 1)
        {
            return Builder.Add("InstanceNormalization", [x, Scale([channels]), Shift([channels])], node.Name, Epsilon);
        }

        string grouped = Builder.Add("Reshape", [x, Builder.Wholes(0, group.Groups, -1)], null);
        string normal = Builder.Add("InstanceNormalization", [grouped, Constant([group.Groups], 1), Constant([group.Groups], 0)], null, Epsilon);
        string[] back = [normal, Builder.Wholes([0, .. shape.Select(l => (long)l)])];
        if (!group.HasAffine)
        {
            return Builder.Add("Reshape", back, node.Name);
        }

        string aligned = Builder.Wholes([channels, .. Enumerable.Repeat(1L, shape.Length - 1)]);
        string scaled = Builder.Add("Mul", [Builder.Add("Reshape", back, null), Builder.Add("Reshape", [network.Tensor(node.WeightName), aligned], null)], null);
        return Builder.Add("Add", [scaled, Builder.Add("Reshape", [network.Tensor(node.BiasName), aligned], null)], node.Name);
    }

    private string Scale(ImmutableArray<int> lengths) => node.HasAffine ? network.Tensor(node.WeightName) : Constant(lengths, 1);

    private string Shift(ImmutableArray<int> lengths) => node.HasAffine ? network.Tensor(node.BiasName) : Constant(lengths, 0);

    private string Constant(ImmutableArray<int> lengths, float value) =>
        Builder.Constant(lengths, [.. Enumerable.Repeat(value, lengths.Aggregate(1, (p, l) => p * l))]);
}
