using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>A row of a table per index: [..] to [.., width]. The indices are whole numbers from 0 to <see cref="Vocabulary"/> - 1.</summary>
public sealed record EmbeddingNode : NetworkNode
{
    /// <summary>The number of rows of the table.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The length of a row.</summary>
    public required int Width { get; init; }

    /// <summary>The table's name, [vocabulary, width], to share it. Default: NAME.weight.</summary>
    public string? Weight { get; init; }

    internal string WeightName => Own(Weight, "weight");

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        if (Vocabulary < 1 || Width < 1)
        {
            throw Invalid($"its table must have at least 1 row and 1 column, not {Vocabulary} and {Width}");
        }

        return [.. inputs[0], Width];
    }

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs) =>
        [new ParameterUse(WeightName, [Vocabulary, Width], ParameterRole.Table)];

    internal override torch.Tensor Forward(NodeCall call)
    {
        torch.Tensor indices = Indices(call.X, call.FirstRow);
        call.Reads = indices;
        return call.Tensor(WeightName).index_select(0, indices.view(-1)).view([.. call.X.shape, Width]);
    }

    // Out of range, the native operation throws or reads elsewhere: checked here.
    private torch.Tensor Indices(torch.Tensor x, long firstRow)
    {
        torch.Tensor indices = x.detach().to(torch.ScalarType.Int64).contiguous();
        if (indices.numel() == 0)
        {
            return indices;
        }

        torch.Tensor valid = (indices >= 0).logical_and_(indices < Vocabulary).logical_and_(indices.to(x.dtype) == x);
        if (!valid.all().item<bool>())
        {
            long bad = valid.view(-1).logical_not().to(torch.ScalarType.Int32).argmax().item<long>();
            double value = x.detach().reshape(-1)[bad].to(torch.ScalarType.Float64).item<double>();
            throw new ArgumentException(
                $"Row {firstRow + (bad / (indices.numel() / indices.shape[0]))}: '{Name}' looks up {value}, but its table has the entries 0 to {Vocabulary - 1}.");
        }

        return indices;
    }
}
