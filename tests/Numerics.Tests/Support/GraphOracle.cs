using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Support;

/// <summary>
/// A second implementation of every node, straight from its description: one row at a time and without an axis of rows, by formulas and sums over
/// windows instead of torch's own layers.
/// </summary>
internal sealed class GraphOracle(NetworkSpec spec, torch.Tensor parameters, torch.Tensor fixedTensors)
{
    private readonly Dictionary<string, torch.Tensor> _tensors = Named(spec, parameters, fixedTensors);

    /// <summary>The outputs of one row, [c].</summary>
    public torch.Tensor Row(torch.Tensor row)
    {
        var values = new Dictionary<string, torch.Tensor>();
        int start = 0;
        foreach (NetworkInput input in spec.Inputs)
        {
            int count = input.Shape.Aggregate(1, (a, b) => a * b);
            values.Add(input.Name, row.narrow(0, start, count).reshape([.. input.Shape.Select(l => (long)l)]));
            start += count;
        }

        foreach (NetworkNode node in spec.Nodes)
        {
            values.Add(node.Name, Value(node, [.. node.Inputs.Select(name => values[name])]));
        }

        return values[spec.Output];
    }

    private static Dictionary<string, torch.Tensor> Named(NetworkSpec spec, torch.Tensor parameters, torch.Tensor fixedTensors)
    {
        var tensors = new Dictionary<string, torch.Tensor>();
        foreach ((torch.Tensor flat, ImmutableArray<ParameterBlock> blocks) in new[] { (parameters, spec.Blocks), (fixedTensors, spec.Fixed) })
        {
            foreach (ParameterBlock block in blocks)
            {
                tensors.Add(block.Name, flat.narrow(0, block.Offset, block.Count).reshape([.. block.Shape.Select(l => (long)l)]));
            }
        }

        return tensors;
    }

    private torch.Tensor Value(NetworkNode node, torch.Tensor[] x) => node switch
    {
        LinearNode n => AddBias(torch.einsum("...i,oi->...o", x[0], Own(n.Weight, n, "weight")), n.HasBias ? Own(n.Bias, n, "bias") : null),
        ConvolutionNode n => Convolve(n, x[0]),
        BatchNormNode n => Affine(n, (x[0] - PerChannel(Own(n.Mean, n, "running_mean"), x[0])) / PerChannel((Own(n.Variance, n, "running_var") + n.Epsilon).sqrt(), x[0]), true),
        LayerNormNode n => Affine(n, Normalise(x[0], n.Epsilon, n.Axes), false),
        GroupNormNode n => Affine(n, Normalise(x[0].reshape(n.Groups, -1), n.Epsilon, 1).reshape(x[0].shape), true),
        EmbeddingNode n => torch.einsum("...v,vw->...w", OneHot(x[0], n.Vocabulary), Own(n.Weight, n, "weight")),
        ParameterNode n => _tensors[n.Value ?? n.Name],
        ConstantNode n => _tensors[n.Name],
        ActivationNode n => Activate(n.Function, n.Alpha, x[0]),
        ElementwiseNode n => Element(n.Function, x[0]),
        ArithmeticNode n => Arithmetic(n.Function, x[0], x[1]),
        MatMulNode => torch.einsum("...ij,...jk->...ik", x[0], x[1]),
        SoftmaxNode n => (x[0] - x[0].logsumexp(n.Axis, keepdim: true)).exp(),
        ReduceNode n => Reduce(n, x[0]),
        PoolNode n => Pool(n, x[0]),
        AdaptivePoolNode n => AdaptivePool(n, x[0]),
        ConcatNode n => torch.cat(x, dim: n.Axis),
        ReshapeNode n => x[0].reshape([.. n.Shape.Select(l => (long)l)]),
        TransposeNode n => x[0].permute([.. n.Order.Select(l => (long)l)]),
        SliceNode n => At(x[0], n.Axis, Enumerable.Range(0, x[0].shape[n.Axis] > int.MaxValue ? 0 : (int)x[0].shape[n.Axis]).Where(i => i >= n.Start && i < n.End && (i - n.Start) % n.Step == 0)),
        GatherNode n => At(x[0], n.Axis, n.Indices),
        PadNode n => Pad(n, x[0]),
        ExpandNode n => x[0] + torch.zeros([.. n.Shape.Select(l => (long)l)], dtype: x[0].dtype),
        IdentityNode => x[0],
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private torch.Tensor Own(string? given, NetworkNode node, string suffix) => _tensors[given ?? $"{node.Name}.{suffix}"];

    private static torch.Tensor AddBias(torch.Tensor value, torch.Tensor? bias) => bias is null ? value : value + bias;

    private torch.Tensor Affine(NormalisationNode n, torch.Tensor value, bool perChannel)
    {
        if (!n.HasAffine)
        {
            return value;
        }

        (torch.Tensor weight, torch.Tensor bias) = (Own(n.Weight, n, "weight"), Own(n.Bias, n, "bias"));
        return perChannel ? (value * PerChannel(weight, value)) + PerChannel(bias, value) : (value * weight) + bias;
    }

    private static torch.Tensor PerChannel(torch.Tensor values, torch.Tensor like) => values.reshape([values.shape[0], .. Enumerable.Repeat(1L, (int)like.dim() - 1)]);

    private static torch.Tensor Normalise(torch.Tensor x, double epsilon, int axes)
    {
        torch.Tensor flat = x.reshape([.. x.shape[..^axes], -1]);
        torch.Tensor centred = flat - flat.mean([-1L], keepdim: true);
        return (centred / (centred.square().mean([-1L], keepdim: true) + epsilon).sqrt()).reshape(x.shape);
    }

    private static torch.Tensor OneHot(torch.Tensor indices, int count) =>
        torch.nn.functional.one_hot(indices.to(torch.ScalarType.Int64), count).to(indices.dtype);

    // The values under one element of a window, at all places where the window stands: [C, places].
    private static torch.Tensor Under(torch.Tensor padded, int[] element, int[] stride, int[] dilation, int[] places)
    {
        torch.Tensor value = padded;
        for (int axis = 0; axis < places.Length; axis++)
        {
            int from = element[axis] * dilation[axis];
            value = At(value, axis + 1, Enumerable.Range(0, places[axis]).Select(p => from + (p * stride[axis])));
        }

        return value;
    }

    private static torch.Tensor Surround(torch.Tensor x, int[] padding, double value)
    {
        for (int axis = 0; axis < padding.Length; axis++)
        {
            long[] shape = [.. x.shape];
            shape[axis + 1] = padding[axis];
            torch.Tensor side = torch.full(shape, value, dtype: x.dtype);
            x = padding[axis] == 0 ? x : torch.cat([side, x, side], dim: axis + 1);
        }

        return x;
    }

    private static IEnumerable<int[]> Elements(int[] kernel) => kernel.Length == 1
        ? Enumerable.Range(0, kernel[0]).Select(i => new[] { i })
        : Enumerable.Range(0, kernel[0]).SelectMany(i => Enumerable.Range(0, kernel[1]).Select(j => new[] { i, j }));

    private static int[] Or(ImmutableArray<int> values, IEnumerable<int> otherwise) => values.IsDefaultOrEmpty ? [.. otherwise] : [.. values];

    private static int[] Places(torch.Tensor padded, int[] kernel, int[] stride, int[] dilation) =>
        [.. kernel.Select((k, a) => (int)((padded.shape[a + 1] - (dilation[a] * (k - 1)) - 1) / stride[a]) + 1)];

    private torch.Tensor Convolve(ConvolutionNode n, torch.Tensor x)
    {
        int[] kernel = [.. n.Kernel];
        int[] ones = [.. kernel.Select(_ => 1)];
        (int[] stride, int[] dilation) = (Or(n.Stride, ones), Or(n.Dilation, ones));
        torch.Tensor padded = Surround(x, Or(n.Padding, kernel.Select(_ => 0)), 0);
        int[] places = Places(padded, kernel, stride, dilation);
        torch.Tensor weight = Own(n.Weight, n, "weight");
        (int channels, int outputs) = ((int)x.shape[0] / n.Groups, n.Outputs / n.Groups);
        var groups = new List<torch.Tensor>();
        for (int g = 0; g < n.Groups; g++)
        {
            torch.Tensor? sum = null;
            foreach (int[] element in Elements(kernel))
            {
                torch.Tensor under = Under(padded.narrow(0, g * channels, channels), element, stride, dilation, places).reshape(channels, -1);
                torch.Tensor w = weight.narrow(0, g * outputs, outputs);
                w = element.Aggregate(w, (part, e) => part.select(2, e));
                sum = sum is null ? torch.mm(w, under) : sum + torch.mm(w, under);
            }

            groups.Add(sum!);
        }

        torch.Tensor all = torch.cat(groups, dim: 0);
        return (n.HasBias ? all + Own(n.Bias, n, "bias").reshape(-1, 1) : all).reshape([n.Outputs, .. places.Select(p => (long)p)]);
    }

    private static torch.Tensor Pool(PoolNode n, torch.Tensor x)
    {
        int[] kernel = [.. n.Kernel];
        int[] stride = Or(n.Stride, kernel);
        int[] dilation = Or(n.Dilation, kernel.Select(_ => 1));
        int[] padding = Or(n.Padding, kernel.Select(_ => 0));
        torch.Tensor padded = Surround(x, padding, n.Function == Pooling.Max ? double.NegativeInfinity : 0);
        int[] places = Places(padded, kernel, stride, dilation);
        torch.Tensor all = torch.stack([.. Elements(kernel).Select(e => Under(padded, e, stride, dilation, places))], dim: 0);
        if (n.Function == Pooling.Max)
        {
            return all.max(0).values;
        }

        torch.Tensor real = Surround(torch.ones_like(x), padding, n.CountsPadding ? 1 : 0);
        torch.Tensor counts = torch.stack([.. Elements(kernel).Select(e => Under(real, e, stride, dilation, places))], dim: 0).sum(dim: 0);
        return all.sum(dim: 0) / counts;
    }

    private static torch.Tensor AdaptivePool(AdaptivePoolNode n, torch.Tensor x)
    {
        for (int a = 0; a < n.Size.Length; a++)
        {
            int axis = a + 1;
            int length = (int)x.shape[axis];
            var parts = new List<torch.Tensor>();
            for (int i = 0; i < n.Size[a]; i++)
            {
                int from = i * length / n.Size[a];
                int to = (((i + 1) * length) + n.Size[a] - 1) / n.Size[a];
                torch.Tensor part = x.narrow(axis, from, to - from);
                parts.Add(n.Function == Pooling.Max ? part.max(axis).values : part.mean([axis]));
            }

            x = torch.stack(parts, dim: axis);
        }

        return x;
    }

    private static torch.Tensor At(torch.Tensor x, int axis, IEnumerable<int> positions) => x.index_select(axis, torch.tensor(positions.Select(p => (long)p).ToArray()));

    private static torch.Tensor Reduce(ReduceNode n, torch.Tensor x)
    {
        double count = 1;
        foreach (int axis in n.Axes.OrderDescending())
        {
            count *= x.shape[axis];
            torch.Tensor sum = x.select(axis, 0);
            for (int i = 1; i < x.shape[axis]; i++)
            {
                sum += x.select(axis, i);
            }

            x = n.KeepsAxes ? sum.unsqueeze(axis) : sum;
        }

        return n.Function == Reduction.Mean ? x / count : x;
    }

    private static torch.Tensor Pad(PadNode n, torch.Tensor x)
    {
        for (int axis = 0; axis < n.Before.Length; axis++)
        {
            long[] before = [.. x.shape];
            long[] after = [.. x.shape];
            (before[axis], after[axis]) = (n.Before[axis], n.After[axis]);
            x = torch.cat([torch.full(before, n.Value, dtype: x.dtype), x, torch.full(after, n.Value, dtype: x.dtype)], dim: axis);
        }

        return x;
    }

    private static torch.Tensor Arithmetic(ArithmeticFunction function, torch.Tensor a, torch.Tensor b) => function switch
    {
        ArithmeticFunction.Add => a + b,
        ArithmeticFunction.Subtract => a + (-1 * b),
        ArithmeticFunction.Multiply => a * b,
        ArithmeticFunction.Divide => a * (1 / b),
        ArithmeticFunction.Power => (a.log() * b).exp(),
        _ => throw new ArgumentOutOfRangeException(nameof(function)),
    };

    private static torch.Tensor Element(ElementFunction function, torch.Tensor z) => function switch
    {
        ElementFunction.Exp => z.sinh() + z.cosh(),
        ElementFunction.Log => z.log2() * Math.Log(2),
        ElementFunction.Sqrt => z.pow(0.5),
        ElementFunction.Erf => 1 - z.erfc(),
        ElementFunction.Negate => 0 - z,
        ElementFunction.Abs => z * z.detach().sign(),
        ElementFunction.Reciprocal => z.pow(-1),
        ElementFunction.Square => z * z,
        ElementFunction.Sin => (z - (Math.PI / 2)).cos(),
        ElementFunction.Cos => (z + (Math.PI / 2)).sin(),
        _ => throw new ArgumentOutOfRangeException(nameof(function)),
    };

    private static torch.Tensor Activate(Activation function, double? alpha, torch.Tensor z) => function switch
    {
        Activation.Identity => z,
        Activation.Tanh => z.tanh(),
        Activation.ReLU => z * (z > 0).to(z.dtype),
        Activation.GELU => z * 0.5 * (1 + (z / Math.Sqrt(2)).erf()),
        Activation.GELUTanh => 0.5 * z * (1 + torch.tanh(Math.Sqrt(2 / Math.PI) * (z + (0.044715 * z * z * z)))),
        Activation.SiLU => z / (1 + (-z).exp()),
        Activation.Sigmoid => 1 / (1 + (-z).exp()),
        Activation.LeakyReLU => torch.where(z > 0, z, (alpha ?? 0.01) * z),
        Activation.ELU => torch.where(z > 0, z, (alpha ?? 1) * (z.clamp(max: 0).exp() - 1)),
        Activation.Softplus => (1 + z.exp()).log(),
        Activation.HardSwish => z * torch.clamp(z + 3, 0, 6) / 6,
        Activation.HardSigmoid => torch.clamp(z + 3, 0, 6) / 6,
        _ => throw new ArgumentOutOfRangeException(nameof(function)),
    };
}
