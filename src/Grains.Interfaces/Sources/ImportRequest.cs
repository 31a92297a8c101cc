using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>Registers the network of a model file: ONNX, TorchScript, safetensors or a PyTorch state dictionary.</summary>
[GenerateSerializer, Immutable, Alias("adapt.ImportRequest")]
public sealed record ImportRequest
{
    /// <summary>The file. What it is, its content says.</summary>
    [Id(0)]
    public required StagedFile Model { get; init; }

    /// <summary>What errors call the file.</summary>
    [Id(1)]
    public required string FileName { get; init; }

    /// <summary>
    /// The network's structure, as the JSON that docs/network-spec.md describes: what files of weights alone need. A safetensors
    /// file that was exported here brings its own.
    /// </summary>
    [Id(2)]
    public string? Spec { get; init; }

    /// <summary>What errors call the structure.</summary>
    [Id(3)]
    public string SpecName { get; init; } = "spec";

    /// <summary>The input columns; null for a positional source, whose columns are counted and not named.</summary>
    [Id(4)]
    public InputSchema? Schema { get; init; }

    /// <summary>The names of the target columns, one per output; empty for <c>y</c>, or <c>y0</c>, <c>y1</c> and so on.</summary>
    [Id(5)]
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>Subtracted from each encoded input: one number each, or one for all. Empty: nothing.</summary>
    [Id(6)]
    public ImmutableArray<double> InputMean { get; init; } = [];

    /// <summary>Each encoded input is divided by it: one number each, or one for all. Empty: by 1.</summary>
    [Id(7)]
    public ImmutableArray<double> InputScale { get; init; } = [];

    /// <summary>Added to each output after scaling: one number each, or one for all. Empty: nothing.</summary>
    [Id(8)]
    public ImmutableArray<double> OutputMean { get; init; } = [];

    /// <summary>Each output is multiplied by it: one number each, or one for all. Empty: by 1.</summary>
    [Id(9)]
    public ImmutableArray<double> OutputScale { get; init; } = [];

    /// <summary>Which parameters are adapted: <c>all</c>, <c>last</c>, or names and patterns with * separated by commas.</summary>
    [Id(10)]
    public string Adapting { get; init; } = "all";

    /// <summary>Whether whoever asks trusts the file: a TorchScript file is a program, which the silo runs.</summary>
    [Id(11)]
    public bool Trust { get; init; }

    /// <summary>The shape of one row, for a TorchScript file, which does not say it; else empty.</summary>
    [Id(12)]
    public ImmutableArray<int> InputShape { get; init; } = [];

    /// <summary>Which of an ONNX file's outputs is meant, where it has several; null for the only one.</summary>
    [Id(13)]
    public string? Output { get; init; }
}
