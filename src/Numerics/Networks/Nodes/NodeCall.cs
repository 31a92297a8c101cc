using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>What a node needs to compute its value. Results belong to the caller's dispose scope.</summary>
internal sealed class NodeCall(IReadOnlyDictionary<string, torch.Tensor> tensors, long rows, long firstRow, bool training)
{
    /// <summary>The number of rows, n.</summary>
    internal long Rows => rows;

    /// <summary>Which row of the data the first one is: for messages.</summary>
    internal long FirstRow => firstRow;

    /// <summary>Whether normalisations use the statistics of the batch and update the running ones.</summary>
    internal bool Training => training;

    /// <summary>The input values, [n, shape].</summary>
    internal torch.Tensor[] Inputs { get; set; } = [];

    /// <summary>The first input.</summary>
    internal torch.Tensor X => Inputs[0];

    /// <summary>
    /// What multiplies the node's parameters, where that is not its first input: the normalised value of a norm, the indices of an embedding.
    /// </summary>
    internal torch.Tensor? Reads { get; set; }

    /// <summary>A tensor of the node by name.</summary>
    internal torch.Tensor Tensor(string name) => tensors[name];
}
