using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>
/// A whole network as a TorchScript program, which is kept beside the weights (<see cref="NetworkWeights.Program"/>). It is a program:
/// it can do anything, so it comes from trusted files only. Its Jacobian is known by products alone.
/// </summary>
public sealed record ScriptNode : NetworkNode
{
    /// <summary>c, at least 1.</summary>
    public required int Outputs { get; init; }

    /// <summary>The program's parameters, by their names in it.</summary>
    public required ImmutableArray<ScriptParameter> Parameters { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs) =>
        Outputs >= 1 && !Parameters.IsDefaultOrEmpty ? [Outputs] : throw Invalid("a program must have an output and a parameter");

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs) =>
        [.. Parameters.Select(p => new ParameterUse(p.Name, p.Shape, ParameterRole.Value))];

    internal override torch.Tensor Forward(NodeCall call) => throw Invalid("a program is run as a whole");
}

/// <summary>A parameter of a TorchScript program.</summary>
/// <param name="Name">Its name in the program.</param>
/// <param name="Shape">Its shape.</param>
public sealed record ScriptParameter(string Name, ImmutableArray<int> Shape);
