using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>An activation of every number.</summary>
public sealed record ActivationNode : NetworkNode
{
    /// <summary>Which one.</summary>
    public required Activation Function { get; init; }

    /// <summary>The slope of a leaky ReLU left of 0 (default 0.01), the alpha of an ELU (default 1); without meaning for others.</summary>
    public double? Alpha { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        if (!Enum.IsDefined(Function) || Alpha is { } alpha && !double.IsFinite(alpha))
        {
            throw Invalid($"'{Function}' with alpha {Alpha} is no activation");
        }

        return inputs[0];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        torch.Tensor x = call.X;
        return Function switch
        {
            Activation.Identity => x.alias(),
            Activation.Tanh => x.tanh(),
            Activation.ReLU => x.relu(),
            Activation.GELU => torch.nn.functional.gelu(x),
            Activation.GELUTanh => GeluTanh(x),
            Activation.SiLU => torch.nn.functional.silu(x),
            Activation.Sigmoid => x.sigmoid(),
            Activation.LeakyReLU => torch.nn.functional.leaky_relu(x, Alpha ?? 0.01),
            Activation.ELU => torch.nn.functional.elu(x, Alpha ?? 1),
            Activation.Softplus => torch.nn.functional.softplus(x),
            Activation.HardSwish => x * HardSigmoid(x),
            Activation.HardSigmoid => HardSigmoid(x),
            _ => throw Invalid($"'{Function}' is no activation"),
        };
    }

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 4.0 * Shapes.Count(output);

    // The native one has a sixth in fp32 only.
    private static torch.Tensor HardSigmoid(torch.Tensor x) => torch.clamp(x + 3, 0, 6) / 6;

    // sqrt(2 / pi) (x + 0.044715 x^3)
    private static torch.Tensor GeluTanh(torch.Tensor x) => 0.5 * x * (1 + (0.7978845608028654 * (x + (0.044715 * x.pow(3)))).tanh());
}

/// <summary>A mathematical function of every number.</summary>
public sealed record ElementwiseNode : NetworkNode
{
    /// <summary>Which one.</summary>
    public required ElementFunction Function { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs) =>
        Enum.IsDefined(Function) ? inputs[0] : throw Invalid($"'{Function}' is no function");

    internal override torch.Tensor Forward(NodeCall call) => Function switch
    {
        ElementFunction.Exp => call.X.exp(),
        ElementFunction.Log => call.X.log(),
        ElementFunction.Sqrt => call.X.sqrt(),
        ElementFunction.Erf => call.X.erf(),
        ElementFunction.Negate => call.X.neg(),
        ElementFunction.Abs => call.X.abs(),
        ElementFunction.Reciprocal => call.X.reciprocal(),
        ElementFunction.Square => call.X.square(),
        ElementFunction.Sin => call.X.sin(),
        ElementFunction.Cos => call.X.cos(),
        _ => throw Invalid($"'{Function}' is no function"),
    };

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 4.0 * Shapes.Count(output);
}

/// <summary>A function of two values, number by number; shapes broadcast, aligned at the last axis.</summary>
public sealed record ArithmeticNode : NetworkNode
{
    /// <summary>Which one.</summary>
    public required ArithmeticFunction Function { get; init; }

    internal override (int Least, int Most) Arity => (2, 2);

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        if (!Enum.IsDefined(Function))
        {
            throw Invalid($"'{Function}' is no function");
        }

        return Shapes.Broadcast(inputs[0], inputs[1]) ?? throw Invalid($"{Shapes.Text(inputs[0])} and {Shapes.Text(inputs[1])} do not broadcast");
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        long rank = Math.Max(call.Inputs[0].dim(), call.Inputs[1].dim());
        torch.Tensor left = Raise(call.Inputs[0], rank);
        torch.Tensor right = Raise(call.Inputs[1], rank);
        return Function switch
        {
            ArithmeticFunction.Add => left + right,
            ArithmeticFunction.Subtract => left - right,
            ArithmeticFunction.Multiply => left * right,
            ArithmeticFunction.Divide => left / right,
            ArithmeticFunction.Power => left.pow(right),
            _ => throw Invalid($"'{Function}' is no function"),
        };
    }

    /// <summary>Puts axes of length 1 behind the axis of rows, so that shapes are aligned at the last axis.</summary>
    internal static torch.Tensor Raise(torch.Tensor value, long rank) => value.dim() == rank
        ? value
        : value.view([value.shape[0], .. Enumerable.Repeat(1L, (int)(rank - value.dim())), .. value.shape[1..]]);
}

/// <summary>What every number becomes.</summary>
public enum ElementFunction
{
    /// <summary>e^x.</summary>
    Exp,

    /// <summary>The natural logarithm.</summary>
    Log,

    /// <summary>The square root.</summary>
    Sqrt,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary>-x.</summary>
    Negate,

    /// <summary>|x|.</summary>
    Abs,

    /// <summary>1 / x.</summary>
    Reciprocal,

    /// <summary>x^2.</summary>
    Square,

    /// <summary>The sine.</summary>
    Sin,

    /// <summary>The cosine.</summary>
    Cos,
}

/// <summary>What two numbers become.</summary>
public enum ArithmeticFunction
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a - b.</summary>
    Subtract,

    /// <summary>a b.</summary>
    Multiply,

    /// <summary>a / b.</summary>
    Divide,

    /// <summary>a^b.</summary>
    Power,
}
