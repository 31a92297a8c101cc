namespace AdaptCluster.Formats;

/// <summary>The kinds of model files.</summary>
public enum ModelFileKind
{
    /// <summary>An ONNX model: a protocol buffer with graph and weights.</summary>
    Onnx,

    /// <summary>A TorchScript archive: program and weights.</summary>
    TorchScript,

    /// <summary>Weights by name, saved by PyTorch 1.6 or later.</summary>
    PyTorchStateDict,

    /// <summary>Weights by name in the safetensors format.</summary>
    Safetensors,
}
