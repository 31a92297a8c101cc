namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>How a source's network is written as a file.</summary>
public enum SourceFormat
{
    /// <summary>An ONNX model: it reads and gives the data's own units.</summary>
    Onnx = 0,

    /// <summary>The weights by their names, with structure and schema as JSON in the metadata.</summary>
    Safetensors = 1,
}
