using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;

namespace AdaptCluster.Numerics.Tests.Networks;

public sealed class NetworkSpecTests
{
    public static TheoryData<string, string> Refused { get; } = new()
    {
        { "two values have this name", """{"inputs":[{"name":"x","shape":[2]}],"nodes":[{"op":"linear","name":"x","inputs":["x"],"outputs":1}],"output":"x"}""" },
        { "reads 'y', which is neither", One("""{"op":"linear","name":"a","inputs":["y"],"outputs":1}""") },
        { "reads 'a', which is neither", One("""{"op":"identity","name":"a","inputs":["a"]}""") },
        { "reads 'b', which is neither", One("""{"op":"identity","name":"b0","inputs":["b"]},{"op":"linear","name":"b","inputs":["x"],"outputs":1},{"op":"identity","name":"a","inputs":["b"]}""") },
        { "it reads 2 values, but needs 1", One("""{"op":"linear","name":"a","inputs":["x","x"],"outputs":1}""") },
        { "it reads 0 values, but needs 1", One("""{"op":"linear","name":"a","outputs":1}""") },
        { "it reads 1 values, but needs 2", One("""{"op":"matmul","name":"a","inputs":["x"]}""") },
        { "it reads 0 values, but needs at least 1", One("""{"op":"concat","name":"a","inputs":[],"axis":0}""") },
        { "it reads 1 values, but needs 0", One("""{"op":"parameter","name":"a","inputs":["x"],"shape":[1]}""") },
        { "has no name", One("""{"op":"linear","name":"","inputs":["x"],"outputs":1}""") },
        { "has no name", One("null") },
        { "its output 'z' is neither", """{"inputs":[{"name":"x","shape":[2]}],"nodes":[{"op":"linear","name":"a","inputs":["x"],"outputs":1}],"output":"z"}""" },
        { "it names no output", """{"inputs":[{"name":"x","shape":[2]}],"nodes":[{"op":"linear","name":"a","inputs":["x"],"outputs":1}]}""" },
        { "must be computed and have one axis", """{"inputs":[{"name":"x","shape":[2]}],"nodes":[],"output":"x"}""" },
        { "must be computed and have one axis", One("""{"op":"linear","name":"b","inputs":["x"],"outputs":4},{"op":"reshape","name":"a","inputs":["b"],"shape":[2,2]}""") },
        { "has 0 numbers", """{"inputs":[],"nodes":[{"op":"parameter","name":"a","shape":[1]}],"output":"a"}""" },
        { "the shape [0] cannot be", """{"inputs":[{"name":"x","shape":[0]}],"nodes":[],"output":"x"}""" },
        { "the shape [-1] cannot be", """{"inputs":[{"name":"x","shape":[-1]}],"nodes":[],"output":"x"}""" },
        { "cannot be", """{"inputs":[{"name":"x","shape":[2147483647,2147483647]}],"nodes":[],"output":"x"}""" },
        { "cannot be", """{"inputs":[null],"nodes":[],"output":"x"}""" },
        { "cannot be", """{"inputs":[{"name":"","shape":[1]}],"nodes":[],"output":"x"}""" },
        { "no parameter that can be adapted", One("""{"op":"activation","name":"a","inputs":["x"],"function":"Tanh"}""") },
        { "no parameter that can be adapted", """{"inputs":[{"name":"x","shape":[2]}],"nodes":[{"op":"linear","name":"a","inputs":["x"],"outputs":1}],"output":"a","frozen":["a.weight","a.bias"]}""" },
        { "its frozen parameter 'b' is not there", """{"inputs":[{"name":"x","shape":[2]}],"nodes":[{"op":"linear","name":"a","inputs":["x"],"outputs":1}],"output":"a","frozen":["b"]}""" },
        { "its frozen parameter '' is not there", """{"inputs":[{"name":"x","shape":[2]}],"nodes":[{"op":"linear","name":"a","inputs":["x"],"outputs":1}],"output":"a","frozen":[null]}""" },
        { "does not depend on 'b', 'c'", One("""{"op":"linear","name":"b","inputs":["x"],"outputs":1},{"op":"linear","name":"a","inputs":["x"],"outputs":1},{"op":"identity","name":"c","inputs":["b"]}""") },
        { "it shares 'w' with 'b', but as [1, 3] instead of [3, 2]", One("""{"op":"linear","name":"b","inputs":["x"],"outputs":3,"weight":"w"},{"op":"linear","name":"a","inputs":["b"],"outputs":1,"weight":"w"}""") },
        { "it shares 'b.bias' with 'b'", One("""{"op":"linear","name":"b","inputs":["x"],"outputs":1},{"op":"batch-norm","name":"a","inputs":["b"],"mean":"b.bias"}""") },
        { "one of its tensors has no name", One("""{"op":"linear","name":"a","inputs":["x"],"outputs":1,"weight":""}""") },
        { "at least 1 output", One("""{"op":"linear","name":"a","inputs":["x"],"outputs":0}""") },
        { "reshape it to [1] first", One("""{"op":"reduce","name":"b","inputs":["x"],"function":"Sum","axes":[0]},{"op":"linear","name":"a","inputs":["b"],"outputs":1}""") },
        { "more than 2147483647 parameters", One(string.Join(',', Enumerable.Range(0, 10).Select(i => $$"""{"op":"linear","name":"{{(i == 9 ? "a" : $"l{i}")}}","inputs":["{{(i == 0 ? "x" : $"l{i - 1}")}}"],"outputs":16384}"""))) },
        { "it reads [C, L] or [C, H, W]", One("""{"op":"conv","name":"a","inputs":["x"],"outputs":1,"kernel":[1]}""") },
        { "do not split into 3 groups", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[1,1],"groups":3}""") },
        { "do not split into 0 groups", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[1,1],"groups":0}""") },
        { "its kernel must be 2 numbers from 1", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[1]}""") },
        { "its kernel must be 2 numbers from 1", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[0,1]}""") },
        { "its stride must be", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[1,1],"stride":[1,0]}""") },
        { "its padding must be", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[1,1],"padding":[-1,0]}""") },
        { "its dilation must be", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[1,1],"dilation":[99999,1]}""") },
        { "does not fit an axis of 4", Image("""{"op":"conv","name":"a","inputs":["x"],"outputs":3,"kernel":[5,1]}""") },
        { "does not fit an axis of 4", Image("""{"op":"pool","name":"a","inputs":["x"],"function":"Max","kernel":[3,3],"dilation":[2,1]}""") },
        { "more than half of its window", Image("""{"op":"pool","name":"a","inputs":["x"],"function":"Max","kernel":[3,3],"padding":[2,0]}""") },
        { "a mean has no dilation", Image("""{"op":"pool","name":"a","inputs":["x"],"function":"Mean","kernel":[2,2],"dilation":[2,1]}""") },
        { "from 1 to 4096 positions", Image("""{"op":"adaptive-pool","name":"a","inputs":["x"],"function":"Mean","size":[0,1]}""") },
        { "from 1 to 4096 positions", Image("""{"op":"adaptive-pool","name":"a","inputs":["x"],"function":"Mean","size":[1]}""") },
        { "epsilon must be", One("""{"op":"layer-norm","name":"a","inputs":["x"],"epsilon":-1}""") },
        { "epsilon must be", One("""{"op":"layer-norm","name":"a","inputs":["x"],"epsilon":1e999}""") },
        { "cannot normalise the last 2 axes", One("""{"op":"layer-norm","name":"a","inputs":["x"],"axes":2}""") },
        { "in 3 groups", One("""{"op":"group-norm","name":"a","inputs":["x"],"groups":3}""") },
        { "at least 1 row and 1 column", One("""{"op":"embedding","name":"a","inputs":["x"],"vocabulary":0,"width":1}""") },
        { "do not broadcast", One("""{"op":"parameter","name":"p","shape":[3]},{"op":"arithmetic","name":"a","inputs":["x","p"],"function":"Add"}""") },
        { "do not multiply", One("""{"op":"parameter","name":"p","shape":[2,2]},{"op":"matmul","name":"a","inputs":["p","x"]}""") },
        { "axis 1 is out of range", One("""{"op":"softmax","name":"a","inputs":["x"],"axis":1}""") },
        { "axis -1 is out of range", One("""{"op":"softmax","name":"a","inputs":["x"],"axis":-1}""") },
        { "at least one axis, each once", One("""{"op":"reduce","name":"a","inputs":["x"],"function":"Sum","axes":[0,0]}""") },
        { "at least one axis, each once", One("""{"op":"reduce","name":"a","inputs":["x"],"function":"Sum","axes":[]}""") },
        { "do not join along axis 0", Image("""{"op":"parameter","name":"p","shape":[2,4,5]},{"op":"concat","name":"a","inputs":["x","p"],"axis":0}""") },
        { "which do not make [-1, 3]", One("""{"op":"reshape","name":"a","inputs":["x"],"shape":[-1,3]}""") },
        { "which do not make [0, -1]", One("""{"op":"reshape","name":"a","inputs":["x"],"shape":[0,-1]}""") },
        { "and -1 at most once", One("""{"op":"reshape","name":"a","inputs":["x"],"shape":[-1,-1]}""") },
        { "is no order of the 1 axes", One("""{"op":"transpose","name":"a","inputs":["x"],"order":[1]}""") },
        { "are none of an axis of 2", One("""{"op":"slice","name":"a","inputs":["x"],"axis":0,"start":0,"end":3}""") },
        { "are none of an axis of 2", One("""{"op":"slice","name":"a","inputs":["x"],"axis":0,"start":0,"end":1,"step":0}""") },
        { "at least one position, from 0 to 1", One("""{"op":"gather","name":"a","inputs":["x"],"axis":0,"indices":[2]}""") },
        { "a padding from 0 to 65536", One("""{"op":"pad","name":"a","inputs":["x"],"before":[-1],"after":[0]}""") },
        { "a padding from 0 to 65536", One("""{"op":"pad","name":"a","inputs":["x"],"before":[1],"after":[0],"value":1e999}""") },
        { "does not expand to its shape", One("""{"op":"expand","name":"a","inputs":["x"],"shape":[3]}""") },
        { "is no activation", One("""{"op":"activation","name":"a","inputs":["x"],"function":"ELU","alpha":1e999}""") },
        { "the only node", One("""{"op":"script","name":"b","inputs":["x"],"outputs":1,"parameters":[{"name":"w","shape":[1]}]},{"op":"identity","name":"a","inputs":["b"]}""") },
        { "must have an output and a parameter", One("""{"op":"script","name":"a","inputs":["x"],"outputs":1,"parameters":[]}""") },

        // What is no JSON of a network.
        { "cannot be read", "" },
        { "cannot be read", "{" },
        { "the text is 'null'", "null" },
        { "cannot be read", "[]" },
        { "cannot be read", "{\"inputs\":" + new string('[', 100_000) },
        { "cannot be read", One(string.Concat(Enumerable.Repeat("{\"op\":\"linear\",\"name\":", 60)) + "1" + new string('}', 60)) },
        { "convolve", One("""{"op":"convolve","name":"a","inputs":["x"]}""") },
        { "cannot be read", One("""{"name":"a","inputs":["x"]}""") },
        { "widht", One("""{"op":"linear","name":"a","inputs":["x"],"outputs":1,"widht":3}""") },
        { "outputs", One("""{"op":"linear","name":"a","inputs":["x"]}""") },
        { "outputs", One("""{"op":"linear","name":"a","inputs":["x"],"outputs":99999999999999999999}""") },
        { "outputs", One("""{"op":"linear","name":"a","inputs":["x"],"outputs":1.5}""") },
        { "function", One("""{"op":"activation","name":"a","inputs":["x"],"function":"Mish"}""") },
        { "function", One("""{"op":"activation","name":"a","inputs":["x"],"function":3}""") },
    };

    // One of each kind, with every property away from its default.
    private static readonly NetworkSpec[] Everything =
    [
        Chains.Of(
            [4, 6, 6],
            3,
            new ConvolutionNode { Name = "conv", Outputs = 4, Kernel = [3, 2], Stride = [1, 2], Padding = [1, 0], Dilation = [2, 1], Groups = 2, HasBias = false, Weight = "cw" },
            new BatchNormNode { Name = "bn", Epsilon = 0.5, Weight = "bw", Bias = "bb", Mean = "bm", Variance = "bv" },
            new GroupNormNode { Name = "gn", Groups = 2, HasAffine = false },
            new ActivationNode { Name = "act", Function = Activation.LeakyReLU, Alpha = 0.25 },
            new PoolNode { Name = "pool", Function = Pooling.Mean, Kernel = [2, 2], Stride = [1, 1], Padding = [1, 1], CountsPadding = false },
            new AdaptivePoolNode { Name = "adaptive", Function = Pooling.Max, Size = [2, 2] },
            new PadNode { Name = "pad", Before = [0, 1, 0], After = [1, 0, 0], Value = 0.125 },
            new TransposeNode { Name = "t", Order = [2, 0, 1] },
            new SliceNode { Name = "s", Axis = 1, Start = 0, End = 5, Step = 2 },
            new GatherNode { Name = "g", Axis = 0, Indices = [1, 0, 1] },
            new ReduceNode { Name = "r", Function = Reduction.Sum, Axes = [0], KeepsAxes = true },
            new ExpandNode { Name = "e", Shape = [2, 3, 3] },
            new MatMulNode { Name = "mm", Inputs = ["e", "e"] },
            new SoftmaxNode { Name = "softmax", Axis = 2 },
            new LayerNormNode { Name = "ln", Axes = 2 },
            new ParameterNode { Name = "p", Shape = [3], Value = "pv" },
            new ConstantNode { Name = "c", Shape = [] },
            new ArithmeticNode { Name = "a", Inputs = ["ln", "p"], Function = ArithmeticFunction.Divide },
            new ArithmeticNode { Name = "a2", Inputs = ["c", "a"], Function = ArithmeticFunction.Subtract },
            new ElementwiseNode { Name = "el", Function = ElementFunction.Sin },
            new IdentityNode { Name = "i" },
            new ConcatNode { Name = "cat", Inputs = ["i", "a"], Axis = 2 }),
        Chains.Of([3], 1, new EmbeddingNode { Name = "table", Vocabulary = 5, Width = 2, Weight = "tw" }, new LinearNode { Name = "lin", Outputs = 2, Weight = "lw", HasBias = false }),
        new([new NetworkInput("x", [3])], [new ScriptNode { Name = "s", Inputs = ["x"], Outputs = 2, Parameters = [new ScriptParameter("w", [2, 3])] }], "s"),
    ];

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void Parse_WhatCannotBe_SaysWhatAndWhere(string part, string json)
    {
        InvalidNetworkException error = Assert.Throws<InvalidNetworkException>(() => NetworkSpecFile.Parse(json));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 10, 1000);
    }

    [Fact]
    public void Parse_OfEveryKindOfNode_GivesItBack()
    {
        Assert.Equal(
            typeof(NetworkNode).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(NetworkNode)) && !t.IsAbstract).Select(t => t.Name).Order(),
            Everything.SelectMany(spec => spec.Nodes).Select(node => node.GetType().Name).Distinct().Order());
        foreach (NetworkSpec spec in Everything)
        {
            string json = NetworkSpecFile.ToJson(spec);
            NetworkSpec again = NetworkSpecFile.Parse(json);
            Assert.Equal(spec, again);
            Assert.Equal(json, NetworkSpecFile.ToJson(again));
            Assert.Equal(spec.Blocks.AsEnumerable(), again.Blocks);
            Assert.Equal(spec.Fixed.AsEnumerable(), again.Fixed);
            Assert.Equal(spec.GetHashCode(), again.GetHashCode());
            Assert.NotEqual(spec, NetworkSpec.Mlp(2, [3], 1, Activation.Tanh));
        }
    }

    [Fact]
    public void Parse_OfRandomGraphs_GivesThemBack() => RandomGraph.Specs.Sample(spec => Assert.Equal(spec, NetworkSpecFile.Parse(NetworkSpecFile.ToJson(spec))), iter: 100, threads: 1);

    [Fact]
    public void Spec_WithArraysLeftOut_CanBeWritten()
    {
        var node = new ConvolutionNode { Name = "a", Inputs = ["x"], Outputs = 2, Kernel = [3], Stride = default, Padding = default, Dilation = default };
        var spec = new NetworkSpec([new NetworkInput("x", [1, 3])], [node, new ParameterNode { Name = "p", Inputs = default, Shape = [2, 1] }, .. Chains.Connect("a", new ArithmeticNode { Name = "s", Inputs = ["a", "p"], Function = ArithmeticFunction.Add }, new ReshapeNode { Name = "y", Shape = [2] })], "y");
        Assert.Equal(spec, NetworkSpecFile.Parse(NetworkSpecFile.ToJson(spec)));
    }

    [Fact]
    public void Adapting_Selections_FreezesTheOthersAndKeepsTheirValues()
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [4, 5], 2, Activation.Tanh);
        NetworkWeights weights = Cases.Build(spec, 3, 1, 1).Model.Weights;
        foreach ((string text, string[] expected) in new (string, string[])[]
        {
            ("all", [.. spec.Blocks.Select(b => b.Name)]),
            ("last", ["layers.2.weight", "layers.2.bias"]),
            ("layers.1.*", ["layers.1.weight", "layers.1.bias"]),
            ("*.bias", ["layers.0.bias", "layers.1.bias", "layers.2.bias"]),
            ("layers.0.weight , *.2.bias", ["layers.0.weight", "layers.2.bias"]),
        })
        {
            NetworkWeights adapted = weights.Adapting(ParameterSelection.Parse(text));
            Assert.Equal(expected, adapted.Spec.Blocks.Select(b => b.Name));
            Assert.Equal(spec.ParameterCount, adapted.Values.Length + adapted.FixedValues.Length);
            Assert.Equal(Named(weights), Named(adapted));
            Assert.Equal(adapted.Spec.Blocks.Select(b => b.Name), adapted.Adapting(ParameterSelection.All).Spec.Blocks.Select(b => b.Name));
        }

        Assert.Contains("layers.0.weight", Assert.Throws<InvalidNetworkException>(() => spec.Adapting(ParameterSelection.Parse("layers.9.*"))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidNetworkException>(() => spec.Adapting(ParameterSelection.Parse("layersX0.bias")));
        Assert.Throws<ArgumentException>(() => ParameterSelection.Parse(" "));
        Assert.Throws<ArgumentException>(() => ParameterSelection.Parse(","));
    }

    [Fact]
    public void Initialise_ASeed_GivesTheSameBitsOfTheRightSize()
    {
        NetworkSpec spec = Chains.Of(
            [8, 10],
            1,
            new ConvolutionNode { Name = "conv", Outputs = 64, Kernel = [3] },
            new ActivationNode { Name = "f", Function = Activation.ReLU },
            new BatchNormNode { Name = "n" },
            new ParameterNode { Name = "p", Shape = [64, 8] },
            new ArithmeticNode { Name = "sum", Inputs = ["n", "p"], Function = ArithmeticFunction.Add },
            new LinearNode { Name = "a", Outputs = 200 });
        NetworkWeights weights = NetworkWeights.Initialise(spec, 4);
        Assert.Equal(weights.Values, NetworkWeights.Initialise(spec, 4).Values);
        Assert.NotEqual(weights.Values, NetworkWeights.Initialise(spec, 5).Values);
        Dictionary<string, float[]> named = Named(weights);

        // 1536, 512 and 1600 draws: the sample deviation is within 1 / sqrt(2 n) of itself, times five.
        Assert.InRange(Deviation(named["conv.weight"]), 0.9 * Math.Sqrt(2.0 / 24), 1.1 * Math.Sqrt(2.0 / 24));
        Assert.InRange(Deviation(named["p"]), 0.85 * 0.02, 1.15 * 0.02);
        Assert.InRange(Deviation(named["a.weight"]), 0.9 * Math.Sqrt(1.0 / 8), 1.1 * Math.Sqrt(1.0 / 8));
        Assert.All(named["n.weight"].Concat(named["n.running_var"]), v => Assert.Equal(1, v));
        Assert.All(named["conv.bias"].Concat(named["n.bias"]).Concat(named["n.running_mean"]), v => Assert.Equal(0, v));
        var table = Chains.Of([1], 1, new EmbeddingNode { Name = "e", Vocabulary = 500, Width = 4 });
        Assert.InRange(Deviation(Named(NetworkWeights.Initialise(table, 1))["e.weight"]), 0.9, 1.1);
        Assert.Contains("'c'", Assert.Throws<ArgumentException>(() => NetworkWeights.Initialise(Everything[0], 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NetworkWeights_WhatCannotBe_IsRefusedByName()
    {
        NetworkSpec spec = Chains.Of([2], 1, new BatchNormNode { Name = "n" });
        NetworkWeights good = NetworkWeights.Initialise(spec, 1);
        Assert.Throws<ArgumentException>(() => new NetworkWeights(spec, good.Values));
        Assert.Throws<ArgumentException>(() => new NetworkWeights(spec, good.Values[1..], good.FixedValues));
        float[] broken = [.. good.Values];
        broken[1] = float.NaN;
        Assert.Contains("n.weight", Assert.Throws<ArgumentException>(() => new NetworkWeights(spec, broken, good.FixedValues)).Message, StringComparison.Ordinal);
        float[] negative = [.. good.FixedValues];
        negative[^1] = -0.5f;
        Assert.Contains("n.running_var", Assert.Throws<ArgumentException>(() => new NetworkWeights(spec, good.Values, negative)).Message, StringComparison.Ordinal);
        Assert.Contains("'n.weight' has 1 numbers", Assert.Throws<ArgumentException>(() => NetworkWeights.FromTensors(spec, _ => new float[1])).Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, float[]> Named(NetworkWeights weights) => weights.Spec.Blocks.Select(b => (b, weights.Values)).Concat(weights.Spec.Fixed.Select(b => (b, weights.FixedValues)))
        .OrderBy(p => p.b.Name, StringComparer.Ordinal).ToDictionary(p => p.b.Name, p => p.Item2[p.b.Offset..(p.b.Offset + p.b.Count)]);

    private static double Deviation(float[] values) => Math.Sqrt(values.Average(v => (double)v * v));

    private static string One(string nodes) => "{\"inputs\":[{\"name\":\"x\",\"shape\":[2]}],\"nodes\":[" + nodes + "],\"output\":\"a\"}";

    private static string Image(string nodes) => "{\"inputs\":[{\"name\":\"x\",\"shape\":[4,4,4]}],\"nodes\":[" + nodes + "],\"output\":\"a\"}";
}
