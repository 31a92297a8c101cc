using AdaptCluster.Import.Onnx.Export;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx;

/// <summary>
/// Writes networks as ONNX files, opset 17, with a dynamic batch axis: one input per input of the network, [batch, ...], and one output
/// [batch, c]. Parameters and statistics are initializers with the names of their blocks; constants are Constant nodes, so that the file
/// reads back as the same network. Deterministic.
/// </summary>
/// <remarks>
/// An input that feeds nothing but embeddings is written as int64, all others as 32-bit floats. Which parameters are frozen is not
/// written: ONNX has no place for it.
/// </remarks>
public static class OnnxExporter
{
    /// <summary>A network as it is.</summary>
    /// <exception cref="ArgumentException">The network is a TorchScript program, which has no graph.</exception>
    public static byte[] Export(NetworkWeights weights) => Write(weights, null);

    /// <summary>A source network, from the data's units to the data's units: the standardisations are in the graph.</summary>
    /// <exception cref="ArgumentException">The network is a TorchScript program, which has no graph.</exception>
    public static byte[] Export(SourceModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Write(model.Weights, model);
    }

    private static byte[] Write(NetworkWeights weights, SourceModel? model)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Spec.Nodes.Any(node => node is ScriptNode))
        {
            throw new ArgumentException("The network is a TorchScript program, which has no graph to write: export it with torch.onnx.export.", nameof(weights));
        }

        return new NetworkExport(weights, model).Run();
    }
}
