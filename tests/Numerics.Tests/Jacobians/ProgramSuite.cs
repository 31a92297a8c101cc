using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Jacobians;

/// <summary>The suite for TorchScript programs, whose products are passes through the program: against the same network as a graph.</summary>
public sealed class ProgramSuite : JacobianSuite
{
    private static readonly (string File, int Inputs, int Outputs, NetworkSpec Graph, string[] Frozen)[] Programs =
    [
        ("mlp-script.pt", 5, 2, Mlp(), []),
        ("mlp-script.pt", 5, 2, Mlp(), ["0.weight", "4.bias"]),
        ("lstm.pt", 12, 1, Lstm(), []),
        ("lstm.pt", 12, 1, Lstm(), ["lstm.weight_hh_l0", "head.weight", "lstm.bias_ih_l0"]),
    ];

    /// <summary>The program mlp-script.pt as a graph.</summary>
    internal static NetworkSpec Mlp() => new(
        [new NetworkInput("x", [5])],
        Chains.Connect(
            "x",
            new LinearNode { Name = "0", Outputs = 16 },
            new ActivationNode { Name = "1", Function = Activation.Tanh },
            new LinearNode { Name = "2", Outputs = 8 },
            new ActivationNode { Name = "3", Function = Activation.GELU },
            new LinearNode { Name = "4", Outputs = 2 }),
        "4");

    [Fact]
    public void Factors_OfAProgram_AgreeWithThoseOfTheGraph()
    {
        foreach ((string file, int inputs, int outputs, NetworkSpec graph, string[] frozen) in Programs)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            Case c = Cases.Build(Fixtures.Program(file, inputs, outputs, frozen), 3, 5, 3);
            using SourceNetwork program = Cases.Network(c);
            using var structured = new SourceNetwork(AsGraph(c.Model, graph), torch.CPU);
            using var free = program.Linearise(c.X);
            using var factors = structured.Linearise(c.X);
            double[] scales = Scales(c, 0);
            double[] same = [.. factors.Spec.Blocks.Select(b => scales[c.Spec.Blocks.Select(x => x.Name).ToList().IndexOf(b.Name)])];
            AssertClose(factors.Output, free.Output, 1e-12);
            AssertClose(factors.Gram(same), free.Gram(scales));
            AssertClose(factors.Diagonal(same), free.Diagonal(scales));
            torch.Tensor v = Normals(free.Count, 1);
            AssertClose(Reorder(factors.ApplyTranspose(v).t(), factors.Spec, c.Spec), free.ApplyTranspose(v).t());
            torch.Tensor u = Normals(c.Spec.ParameterCount, 1);
            AssertClose(factors.Apply(Reorder(u.t(), c.Spec, factors.Spec).t().contiguous()), free.Apply(u));
        }
    }

    // TorchSharp wraps the tensors of a program's modules once more and forgets them.
    private protected override bool NetworkOwnsItsTensors => false;

    private protected override void ForAllCases(Action<Case> check)
    {
        for (int i = 0; i < Programs.Length; i++)
        {
            (string file, int inputs, int outputs, _, string[] frozen) = Programs[i];
            check(Cases.Build(Fixtures.Program(file, inputs, outputs, frozen), seed: 17 + i, rows: 4, others: 3));
        }
    }

    private protected override (torch.Tensor Output, torch.Tensor Jacobian) Reference(Case c, RowMatrix x)
    {
        NetworkSpec graph = c.Spec.InputWidth == 5 ? Mlp() : Lstm();
        SourceModel model = AsGraph(c.Model, graph);
        (torch.Tensor output, torch.Tensor jacobian) = Oracle.Linearise(model, x);
        return (output, Reorder(jacobian, model.Spec, c.Spec));
    }

    // torch.nn.LSTM(1, 8) over twelve numbers and a linear head on the last state: gates i, f, g, o; two biases; the first state is 0.
    private static NetworkSpec Lstm()
    {
        var nodes = new List<NetworkNode> { new ParameterNode { Name = "hh0", Shape = [32], Value = "lstm.bias_hh_l0" } };
        for (int t = 0; t < 12; t++)
        {
            nodes.Add(new SliceNode { Name = $"x{t}", Inputs = ["x"], Axis = 0, Start = t, End = t + 1 });
            nodes.Add(new LinearNode { Name = $"ih{t}", Inputs = [$"x{t}"], Outputs = 32, Weight = "lstm.weight_ih_l0", Bias = "lstm.bias_ih_l0" });
            if (t > 0)
            {
                nodes.Add(new LinearNode { Name = $"hh{t}", Inputs = [$"h{t - 1}"], Outputs = 32, Weight = "lstm.weight_hh_l0", Bias = "lstm.bias_hh_l0" });
            }

            nodes.Add(Both($"gates{t}", $"ih{t}", $"hh{t}", ArithmeticFunction.Add));
            for (int gate = 0; gate < 4; gate++)
            {
                if (gate == 1 && t == 0)
                {
                    continue; // nothing to forget
                }

                nodes.Add(new SliceNode { Name = $"part{t}.{gate}", Inputs = [$"gates{t}"], Axis = 0, Start = 8 * gate, End = 8 * (gate + 1) });
                nodes.Add(new ActivationNode { Name = $"gate{t}.{gate}", Inputs = [$"part{t}.{gate}"], Function = gate == 2 ? Activation.Tanh : Activation.Sigmoid });
            }

            nodes.Add(Both(t == 0 ? "c0" : $"new{t}", $"gate{t}.0", $"gate{t}.2", ArithmeticFunction.Multiply));
            if (t > 0)
            {
                nodes.Add(Both($"kept{t}", $"gate{t}.1", $"c{t - 1}", ArithmeticFunction.Multiply));
                nodes.Add(Both($"c{t}", $"kept{t}", $"new{t}", ArithmeticFunction.Add));
            }

            nodes.Add(new ActivationNode { Name = $"squashed{t}", Inputs = [$"c{t}"], Function = Activation.Tanh });
            nodes.Add(Both($"h{t}", $"gate{t}.3", $"squashed{t}", ArithmeticFunction.Multiply));
        }

        nodes.Add(new LinearNode { Name = "head", Inputs = ["h11"], Outputs = 1 });
        return new NetworkSpec([new NetworkInput("x", [12])], [.. nodes], "head");

        static ArithmeticNode Both(string name, string left, string right, ArithmeticFunction function) => new() { Name = name, Inputs = [left, right], Function = function };
    }

    // The same weights, scalings and frozen parameters for the graph.
    private static SourceModel AsGraph(SourceModel program, NetworkSpec graph)
    {
        var spec = new NetworkSpec(graph.Inputs, graph.Nodes, graph.Output, program.Spec.Frozen);
        NetworkWeights weights = program.Weights;
        return new SourceModel(
            NetworkWeights.FromTensors(spec, name => Tensor(weights.Spec.Blocks, weights.Values, name) ?? Tensor(weights.Spec.Fixed, weights.FixedValues, name)!),
            program.InputStandardisation,
            program.OutputStandardisation);
    }

    private static float[]? Tensor(ImmutableArray<ParameterBlock> blocks, float[] values, string name) =>
        blocks.FirstOrDefault(b => b.Name == name) is { } block ? values[block.Offset..(block.Offset + block.Count)] : null;

    // Columns in the order of other blocks of the same names.
    private static torch.Tensor Reorder(torch.Tensor jacobian, NetworkSpec from, NetworkSpec to) => torch.cat(
        [.. to.Blocks.Select(b => from.Blocks.First(other => other.Name == b.Name)).Select(b => jacobian.narrow(1, b.Offset, b.Count))], dim: 1);
}
