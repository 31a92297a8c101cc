using System.Collections.Immutable;
using AdaptCluster.Formats;
using AdaptCluster.Formats.PyTorch;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Import.Onnx;
using AdaptCluster.Import.Weights;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Grains.Models;

/// <summary>From the bytes of a model file to a network, as far as managed code goes.</summary>
internal static class ModelFileReader
{
    /// <summary>The metadata of safetensors in which an export has the network's structure.</summary>
    public const string SpecMetadata = "network";

    /// <summary>Reads a file.</summary>
    /// <returns>The network, or for a TorchScript archive, checked but not loaded, null.</returns>
    /// <exception cref="InvalidInputException">The file cannot be used; nothing in it was run.</exception>
    public static NetworkFile Read(byte[] bytes, ImportRequest request)
    {
        try
        {
            ModelFileKind kind = ModelFileKinds.Detect(bytes, request.FileName);
            RequireOptions(kind, request);
            switch (kind)
            {
                case ModelFileKind.Onnx:
                    ImportedNetwork network = OnnxImporter.Import(bytes, request.FileName, output: request.Output);
                    return new NetworkFile(network.Weights, network.WholeInputs);
                case ModelFileKind.TorchScript:
                    ScriptArchive.Check(bytes, request.FileName);
                    return new NetworkFile(null, []);
                case ModelFileKind.Safetensors:
                    SafetensorsFile file = SafetensorsFile.Parse(bytes, request.FileName);
                    return WithSpec(file.Tensors, request, file.Metadata.GetValueOrDefault(SpecMetadata));
                default:
                    return WithSpec(StateDictFile.Parse(bytes, request.FileName), request, null);
            }
        }
        catch (ModelFileException error)
        {
            throw new InvalidInputException(error.Where is null ? error.File : $"{error.File}, {error.Where}", error.Problem, error.Remedy);
        }
        catch (OutOfMemoryException)
        {
            throw new InvalidInputException(request.FileName, "it does not fit into the memory of the silo", "use a larger machine or a smaller network");
        }
    }

    private static NetworkFile WithSpec(IReadOnlyList<NamedTensor> tensors, ImportRequest request, string? own)
    {
        string text = request.Spec ?? own ?? throw new InvalidInputException(
            request.FileName,
            "it has weights alone, not the network they belong to",
            "describe the network in JSON (docs/network-spec.md) and name that file with --spec, or export the network as ONNX");
        NetworkSpec spec;
        try
        {
            spec = NetworkMapping.RequireSize(NetworkSpecFile.Parse(text));
        }
        catch (InvalidNetworkException error)
        {
            throw new InvalidInputException(
                request.Spec is null ? request.FileName : request.SpecName, error.Message.TrimEnd('.'), "mend it; docs/network-spec.md describes the format");
        }

        if (spec.Nodes.Any(node => node is ScriptNode))
        {
            throw new InvalidInputException(request.SpecName, "it describes a TorchScript program", "import the program itself");
        }

        return new NetworkFile(SpecWithWeights.Read(spec, tensors, request.FileName), Looked(spec));
    }

    /// <summary>The inputs that embeddings read: whole numbers.</summary>
    private static ImmutableArray<string> Looked(NetworkSpec spec) =>
        [.. spec.Inputs.Select(input => input.Name).Where(input => spec.Nodes.Any(node => node is EmbeddingNode && node.Inputs.Contains(input)))];

    private static void RequireOptions(ModelFileKind kind, ImportRequest request)
    {
        string name = kind switch
        {
            ModelFileKind.Onnx => "an ONNX model",
            ModelFileKind.TorchScript => "a TorchScript program",
            ModelFileKind.Safetensors => "safetensors",
            _ => "a PyTorch state dictionary",
        };
        if (request.Spec is not null && kind is ModelFileKind.Onnx or ModelFileKind.TorchScript)
        {
            throw new InvalidInputException(request.FileName, $"it is {name}, which brings its own structure", "leave out --spec");
        }

        if (!request.InputShape.IsDefaultOrEmpty && kind != ModelFileKind.TorchScript)
        {
            throw new InvalidInputException(request.FileName, $"it is {name}, which says what it reads", "leave out --inputs");
        }

        if (request.Output is not null && kind != ModelFileKind.Onnx)
        {
            throw new InvalidInputException(request.FileName, $"it is {name}, which has one output", "leave out --output");
        }

        if (kind == ModelFileKind.TorchScript)
        {
            RequireScriptOptions(request);
        }
    }

    private static void RequireScriptOptions(ImportRequest request)
    {
        if (!request.Trust)
        {
            throw new InvalidInputException(
                request.FileName,
                "it is TorchScript: a program, which can do anything that the silo can",
                "if you trust whoever made it, repeat the command with --trust; if not, ask for an ONNX file, which is only read");
        }

        if (request.InputShape.IsDefaultOrEmpty || request.InputShape.Any(length => length < 1))
        {
            throw new InvalidInputException(
                request.FileName, "it is TorchScript, which does not say what it reads", "give the shape of one row, as in --inputs 12 or --inputs 3x32x32");
        }
    }
}
