using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Client.Sources;

/// <summary>How a model file is imported.</summary>
public sealed class ImportOptions
{
    /// <summary>What errors call the file. Default: model.</summary>
    public string FileName { get; init; } = "model";

    /// <summary>The network's structure as JSON (docs/network-spec.md), for files of weights alone. Default: none.</summary>
    public string? Spec { get; init; }

    /// <summary>What errors call the structure. Default: spec.</summary>
    public string SpecName { get; init; } = "spec";

    /// <summary>The input columns. Default: counted and not named.</summary>
    public InputSchema? Schema { get; init; }

    /// <summary>The names of the targets. Default: y, or y0, y1 and so on.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Subtracted from each encoded input: one number each, or one for all. Default: nothing.</summary>
    public IReadOnlyList<double> InputMean { get; init; } = [];

    /// <summary>Each encoded input is divided by it: one number each, or one for all. Default: 1.</summary>
    public IReadOnlyList<double> InputScale { get; init; } = [];

    /// <summary>Added to each output after scaling: one number each, or one for all. Default: nothing.</summary>
    public IReadOnlyList<double> OutputMean { get; init; } = [];

    /// <summary>Each output is multiplied by it: one number each, or one for all. Default: 1.</summary>
    public IReadOnlyList<double> OutputScale { get; init; } = [];

    /// <summary>Which parameters are adapted: all, last, or names and patterns with * separated by commas. Default: all.</summary>
    public string Adapting { get; init; } = "all";

    /// <summary>Whether the file is trusted: a TorchScript file is a program, which the silo runs. Default: false.</summary>
    public bool Trust { get; init; }

    /// <summary>The shape of one row, for a TorchScript file. Default: none.</summary>
    public IReadOnlyList<int> InputShape { get; init; } = [];

    /// <summary>Which of an ONNX file's outputs is meant. Default: the only one.</summary>
    public string? Output { get; init; }

    internal ImportRequest Request(Grains.Interfaces.Tensors.StagedFile model) => new()
    {
        Model = model,
        FileName = FileName,
        Spec = Spec,
        SpecName = SpecName,
        Schema = Schema,
        Targets = [.. Targets],
        InputMean = [.. InputMean],
        InputScale = [.. InputScale],
        OutputMean = [.. OutputMean],
        OutputScale = [.. OutputScale],
        Adapting = Adapting,
        Trust = Trust,
        InputShape = [.. InputShape],
        Output = Output,
    };
}
