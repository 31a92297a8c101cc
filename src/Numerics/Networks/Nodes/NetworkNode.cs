using System.Collections.Immutable;
using System.Text.Json.Serialization;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>
/// One operation of a network: reads values, which are inputs of the network or other nodes by name, and gives one.
/// Axes and shapes are those of one row: the axis of rows does not count, so an image has the axes 0 (channel), 1 and 2.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(LinearNode), "linear")]
[JsonDerivedType(typeof(ConvolutionNode), "conv")]
[JsonDerivedType(typeof(BatchNormNode), "batch-norm")]
[JsonDerivedType(typeof(LayerNormNode), "layer-norm")]
[JsonDerivedType(typeof(GroupNormNode), "group-norm")]
[JsonDerivedType(typeof(EmbeddingNode), "embedding")]
[JsonDerivedType(typeof(ParameterNode), "parameter")]
[JsonDerivedType(typeof(ConstantNode), "constant")]
[JsonDerivedType(typeof(ActivationNode), "activation")]
[JsonDerivedType(typeof(ElementwiseNode), "elementwise")]
[JsonDerivedType(typeof(ArithmeticNode), "arithmetic")]
[JsonDerivedType(typeof(MatMulNode), "matmul")]
[JsonDerivedType(typeof(SoftmaxNode), "softmax")]
[JsonDerivedType(typeof(ReduceNode), "reduce")]
[JsonDerivedType(typeof(PoolNode), "pool")]
[JsonDerivedType(typeof(AdaptivePoolNode), "adaptive-pool")]
[JsonDerivedType(typeof(ConcatNode), "concat")]
[JsonDerivedType(typeof(ReshapeNode), "reshape")]
[JsonDerivedType(typeof(TransposeNode), "transpose")]
[JsonDerivedType(typeof(SliceNode), "slice")]
[JsonDerivedType(typeof(GatherNode), "gather")]
[JsonDerivedType(typeof(PadNode), "pad")]
[JsonDerivedType(typeof(ExpandNode), "expand")]
[JsonDerivedType(typeof(IdentityNode), "identity")]
[JsonDerivedType(typeof(ScriptNode), "script")]
public abstract record NetworkNode
{
    /// <summary>How other nodes refer to it; its parameters are named after it: NAME.weight, NAME.bias.</summary>
    public required string Name { get; init; }

    /// <summary>The values that it reads.</summary>
    public ImmutableArray<string> Inputs { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The fewest and the most inputs.</summary>
    internal virtual (int Least, int Most) Arity => (1, 1);

    /// <summary>The shape of what it gives for inputs of these shapes.</summary>
    /// <exception cref="Errors.InvalidNetworkException">An attribute or a shape does not fit.</exception>
    internal abstract ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs);

    /// <summary>The tensors that it owns or shares, for inputs of these shapes, which <see cref="Infer"/> has checked.</summary>
    internal virtual ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs) => [];

    /// <summary>Computes the value, [n, shape]; in the caller's dispose scope.</summary>
    internal abstract torch.Tensor Forward(NodeCall call);

    /// <summary>About how many floating-point operations a row takes.</summary>
    internal virtual double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => Shapes.Count(output);

    /// <summary>What is wrong, named after the node.</summary>
    protected Errors.InvalidNetworkException Invalid(string problem) => new(Name, problem);

    /// <summary>A non-negative axis of a value of that rank.</summary>
    protected int RequireAxis(int axis, int rank)
    {
        if (axis < 0 || axis >= rank)
        {
            throw Invalid($"axis {axis} is out of range: its input has {rank} axes for one row, counted from 0");
        }

        return axis;
    }

    /// <summary>The name that was given, or NAME.suffix.</summary>
    private protected string Own(string? given, string suffix) => given ?? $"{Name}.{suffix}";
}
