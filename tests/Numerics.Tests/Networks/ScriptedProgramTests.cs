using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Networks;

public sealed class ScriptedProgramTests
{
    // The expectations are those of fp64 copies of the same fp32 weights.
    private const double Tight = 1e-9;

    [Fact]
    public void Products_OfTheLstm_AreWhatPyTorchSays()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        NetworkWeights weights = Fixtures.Program("lstm.pt", 12, 1);
        Dictionary<string, torch.Tensor> expected = Fixtures.Tensors("lstm.expected.safetensors");
        using SourceNetwork network = new(Plain(weights), torch.CPU);
        RowMatrix x = Rows(expected["inputs"]);
        using JacobianFactors factors = network.Linearise(x);
        Close(expected["outputs"], factors.Output);
        Close(expected["outputs"].view(-1), torch.tensor(network.Evaluate(x).Values));
        torch.Tensor u = torch.cat([.. weights.Spec.Blocks.Select(b => expected[$"u.{b.Name}"].reshape(-1))], dim: 0).view(-1, 1);
        torch.Tensor jtv = torch.cat([.. weights.Spec.Blocks.Select(b => expected[$"jtv.{b.Name}"].reshape(-1))], dim: 0).view(-1, 1);
        for (int repeat = 0; repeat < 2; repeat++)
        {
            Close(expected["ju"], factors.Apply(u));
            Close(jtv, factors.ApplyTranspose(expected["v"]));
            Close(expected["kernel"], factors.Gram([.. weights.Spec.Blocks.Select(_ => 1.0)]));
        }
    }

    [Fact]
    public void Products_OfTheSameWeightsAsAGraph_AreWhatPyTorchSays()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> expected = Fixtures.Tensors("mlp.expected.safetensors");
        Dictionary<string, torch.Tensor> state = Fixtures.Tensors("mlp.safetensors");
        NetworkSpec graph = Jacobians.ProgramSuite.Mlp();
        NetworkWeights structured = NetworkWeights.FromTensors(graph, name => Array.ConvertAll(state[name].data<double>().ToArray(), v => (float)v));
        NetworkWeights program = Fixtures.Program("mlp-script.pt", 5, 2);
        Assert.Equal(structured.Spec.Blocks.AsEnumerable(), program.Spec.Blocks);
        Assert.Equal(structured.Values, program.Values);
        foreach (NetworkWeights weights in new[] { structured, program })
        {
            using SourceNetwork network = new(Plain(weights), torch.CPU);
            using JacobianFactors factors = network.Linearise(Rows(expected["inputs"]));
            Close(expected["outputs"], factors.Output);
            Close(expected["kernel"], factors.Gram([1, 1, 1, 1, 1, 1]));
            Close(torch.cat([.. graph.Blocks.Select(b => expected[$"jtv.{b.Name}"].reshape(-1))], dim: 0).view(-1, 1), factors.ApplyTranspose(expected["v"]));
        }
    }

    [Fact]
    public void SourceNetwork_WithOtherWeights_UsesThem()
    {
        NetworkWeights own = Fixtures.Program("mlp-script.pt", 5, 2);
        float[] moved = [.. own.Values.Select(w => 0.5f * w)];
        using SourceNetwork network = new(Plain(new NetworkWeights(own.Spec, moved, null, own.Program)), torch.CPU);
        using SourceNetwork graph = new(Plain(new NetworkWeights(Jacobians.ProgramSuite.Mlp(), moved)), torch.CPU);
        var x = new RowMatrix(1, 5, [1, -1, 0.5, 2, 0]);
        Assert.Equal(graph.Evaluate(x).Values[0], network.Evaluate(x).Values[0], 1e-12);
        Assert.Equal(graph.Evaluate(x).Values[1], network.Evaluate(x).Values[1], 1e-12);
    }

    [Fact]
    public void SourceNetwork_Evaluated_HoldsNoGraph()
    {
        using SourceNetwork network = new(Plain(Fixtures.Program("lstm.pt", 12, 1)), torch.CPU);
        using JacobianFactors factors = network.Linearise(new RowMatrix(2, 12, new double[24]));
        Assert.False(factors.Output.requires_grad);
        using torch.Tensor v = torch.ones(2, 1, dtype: torch.ScalarType.Float64);
        using torch.Tensor u = torch.ones(factors.Spec.ParameterCount, 1, dtype: torch.ScalarType.Float64);
        foreach (torch.Tensor result in new[] { factors.Apply(u), factors.ApplyTranspose(v), factors.ToDense(), factors.Diagonal([1, 1, 1, 1, 1, 1]) })
        {
            Assert.False(result.requires_grad);
            result.Dispose();
        }
    }

    [Fact]
    public void Inspect_OfWhatCannotBe_SaysWhy()
    {
        Assert.Contains("training mode", Problem(() => ScriptedProgram.Inspect(Fixtures.Read("refused-training.pt"))), StringComparison.Ordinal);
        Assert.Contains("no parameters", Problem(() => ScriptedProgram.Inspect(Fixtures.Read("refused-empty.pt"))), StringComparison.Ordinal);
        Assert.Contains("cannot be loaded", Problem(() => ScriptedProgram.Inspect([1, 2, 3])), StringComparison.Ordinal);
        Assert.Contains("cannot be loaded", Problem(() => ScriptedProgram.Inspect([])), StringComparison.Ordinal);
        Assert.Contains("cannot be loaded", Problem(() => ScriptedProgram.Inspect(Fixtures.Read("mlp-script.pt")[..3000])), StringComparison.Ordinal);
        Assert.Contains("cannot be loaded", Problem(() => ScriptedProgram.Inspect(Fixtures.Read("mlp.pt"))), StringComparison.Ordinal); // a state dictionary
    }

    [Theory]
    [InlineData("mlp-script.pt", 5, 3, "not [2, 3]")] // another number of outputs
    [InlineData("mlp-script.pt", 4, 2, "the program failed on 2 rows of 4 numbers")] // another number of inputs
    [InlineData("lstm.pt", 11, 1, "the program failed on 2 rows of 11 numbers")]
    [InlineData("refused-single.pt", 5, 2, "Float32")]
    [InlineData("refused-pair.pt", 5, 2, "one tensor")]
    public void Linearise_AProgramThatGivesSomethingElse_SaysWhat(string file, int inputs, int outputs, string part)
    {
        using SourceNetwork network = new(Plain(Fixtures.Program(file, inputs, outputs)), torch.CPU);
        var x = new RowMatrix(2, inputs, new double[2 * inputs]);
        Assert.Contains(part, Problem(() => network.Linearise(x)), StringComparison.Ordinal);
        Assert.Contains(part, Problem(() => network.Evaluate(x)), StringComparison.Ordinal);
    }

    [Fact]
    public void SourceNetwork_ParametersThatTheProgramLacks_NamesThem()
    {
        byte[] program = Fixtures.Read("mlp-script.pt");
        foreach (ScriptParameter parameter in new[] { new ScriptParameter("missing", [2]), new ScriptParameter("0.bias", [2]), new ScriptParameter("0.weight", [5, 16]) })
        {
            var node = new ScriptNode { Name = "program", Inputs = ["x"], Outputs = 2, Parameters = [parameter] };
            var spec = new NetworkSpec([new NetworkInput("x", [5])], [node], "program");
            var weights = new NetworkWeights(spec, new float[spec.ParameterCount], null, program);
            Assert.Contains(parameter.Name, Problem(() => new SourceNetwork(Plain(weights), torch.CPU).Dispose()), StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => new NetworkWeights(spec, new float[spec.ParameterCount]));
        }

        NetworkSpec dense = NetworkSpec.Mlp(1, [], 1, Activation.Tanh);
        Assert.Throws<ArgumentException>(() => new NetworkWeights(dense, new float[2], null, program));
    }

    [Fact]
    public void SourceNetwork_MadeInAScope_OutlivesIt()
    {
        SourceNetwork network;
        using (torch.NewDisposeScope())
        {
            network = new SourceNetwork(Plain(Fixtures.Program("lstm.pt", 12, 1)), torch.CPU);
        }

        using (network)
        {
            using JacobianFactors factors = network.Linearise(new RowMatrix(2, 12, new double[24]));
            factors.ToDense().Dispose();
        }
    }

    private static string Problem(Action action) => Assert.Throws<InvalidNetworkException>(action).Message;

    private static SourceModel Plain(NetworkWeights weights) =>
        new(weights, Standardisation.Identity(weights.Spec.InputWidth), Standardisation.Identity(weights.Spec.Outputs));

    private static RowMatrix Rows(torch.Tensor values) => new((int)values.shape[0], (int)values.shape[1], values.data<double>().ToArray());

    private static void Close(torch.Tensor expected, torch.Tensor actual) => Assert.InRange(Oracle.StrictError(expected, actual), 0, Tight);
}
