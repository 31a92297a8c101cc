using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>A network that was trained elsewhere, to be registered as a source.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SourceRegistration")]
public sealed record SourceRegistration
{
    /// <summary>The input columns.</summary>
    [Id(0)]
    public required InputSchema Schema { get; init; }

    /// <summary>The names of the target columns, one per network output.</summary>
    [Id(1)]
    public required ImmutableArray<string> Targets { get; init; }

    /// <summary>The network.</summary>
    [Id(2)]
    public required NetworkDescription Network { get; init; }

    /// <summary>
    /// All parameters that are adapted, Float32, <c>[p]</c>, in the order in which the network uses them: of a chain of dense
    /// layers weight <c>[out, in]</c> then bias of each, first to last.
    /// </summary>
    [Id(3)]
    public required TensorPayload Weights { get; init; }

    /// <summary>Subtracted from each encoded input. Empty: nothing.</summary>
    [Id(4)]
    public ImmutableArray<double> InputMean { get; init; } = [];

    /// <summary>Each encoded input is divided by it. Empty: by 1.</summary>
    [Id(5)]
    public ImmutableArray<double> InputScale { get; init; } = [];

    /// <summary>Added to each output after scaling. Empty: nothing.</summary>
    [Id(6)]
    public ImmutableArray<double> OutputMean { get; init; } = [];

    /// <summary>Each output is multiplied by it. Empty: by 1.</summary>
    [Id(7)]
    public ImmutableArray<double> OutputScale { get; init; } = [];

    /// <summary>
    /// All other tensors of a network by its description, Float32, in the order in which it uses them: frozen parameters,
    /// statistics of batch norms, constants. Null where there are none.
    /// </summary>
    [Id(8)]
    public TensorPayload? FixedWeights { get; init; }
}
