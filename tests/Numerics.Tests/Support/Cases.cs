using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Priors;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Support;

/// <summary>Random problems: a network of random depth, widths and activations with data and a prior.</summary>
internal sealed record Case(SourceModel Model, RowMatrix X, RowMatrix Other, RowMatrix Y, Prior Prior)
{
    public NetworkSpec Spec => Model.Spec;

    public override string ToString() =>
        $"{NetworkSpecFile.ToJson(Spec)}; {X.Rows} and {Other.Rows} rows";
}

internal static class Cases
{
    private static readonly Gen<Activation> Activations = Gen.Int[0, Enum.GetValues<Activation>().Length - 1].Select(i => (Activation)i);

    public static readonly Gen<NetworkSpec> Specs =
        from inputs in Gen.Int[1, 5]
        from hidden in Gen.Select(Gen.Int[1, 6], Activations, (w, a) => new DenseLayerSpec(w, a)).Array[0, 3]
        from outputs in Gen.Int[1, 3]
        from last in Gen.Frequency((3, Gen.Const(Activation.Identity)), (1, Activations))
        select NetworkSpec.Dense(inputs, [.. hidden, new DenseLayerSpec(outputs, last)]);

    public static readonly Gen<Case> All =
        from spec in Specs
        from seed in Gen.Int[0, 1_000_000]
        from rows in Gen.Int[1, 12]
        from others in Gen.Int[1, 7]
        from perOutput in Gen.Bool
        from mean in Gen.Bool.Select(b => b ? PriorMean.Source : PriorMean.Zero)
        select Build(spec, seed, rows, others, perOutput, mean);

    public static Case Build(NetworkSpec spec, int seed, int rows, int others, bool perOutput = false, PriorMean mean = PriorMean.Source) =>
        Build(spec, null, seed, rows, others, perOutput, mean);

    /// <summary>A case with given weights.</summary>
    public static Case Build(NetworkWeights weights, int seed, int rows, int others) => Build(weights.Spec, weights, seed, rows, others, false, PriorMean.Source);

    private static Case Build(NetworkSpec spec, NetworkWeights? weights, int seed, int rows, int others, bool perOutput, PriorMean mean)
    {
        var random = new SeededRandom(seed, 1);
        Prior prior = new(
            [.. spec.Blocks.Select(_ => Math.Exp(random.NextNormal()))],
            [.. Enumerable.Range(0, perOutput ? spec.Outputs : 1).Select(_ => 0.1 * Math.Exp(random.NextNormal()))],
            mean);
        return new Case(RandomModel(spec, weights, random), Inputs(spec, random, rows), Inputs(spec, random, others), Normal(random, rows, spec.Outputs), prior);
    }

    /// <summary>Normal numbers, and whole ones in the columns that embeddings read.</summary>
    public static RowMatrix Inputs(NetworkSpec spec, SeededRandom random, int rows)
    {
        RowMatrix x = Normal(random, rows, spec.InputWidth);
        int[] vocabularies = Vocabularies(spec);
        for (int i = 0; i < x.Values.Length; i++)
        {
            int vocabulary = vocabularies[i % spec.InputWidth];
            x.Values[i] = vocabulary == 0 ? x.Values[i] : random.NextInt(vocabulary);
        }

        return x;
    }

    /// <summary>Per column of the input the entries of the smallest table that is looked up with it, or 0.</summary>
    public static int[] Vocabularies(NetworkSpec spec)
    {
        var result = new int[spec.InputWidth];
        foreach (EmbeddingNode node in spec.Nodes.OfType<EmbeddingNode>())
        {
            foreach (GraphValue input in Ancestors(spec, node).Where(value => value.Node is null))
            {
                foreach (ref int vocabulary in result.AsSpan(input.Offset, (int)Shapes.Count(input.Shape)))
                {
                    vocabulary = vocabulary == 0 ? node.Vocabulary : Math.Min(vocabulary, node.Vocabulary);
                }
            }
        }

        return result;
    }

    private static IEnumerable<GraphValue> Ancestors(NetworkSpec spec, NetworkNode node) =>
        spec.Graph.Values.First(value => ReferenceEquals(value.Node, node)).Inputs.Select(i => spec.Graph.Values[i])
            .SelectMany(value => value.Node is null ? [value] : Ancestors(spec, value.Node));

    public static RowMatrix Normal(SeededRandom random, int rows, int columns) => new(rows, columns, random.Normals(rows * columns));

    public static SourceNetwork Network(Case c, torch.ScalarType dtype = torch.ScalarType.Float64) => new(c.Model, torch.CPU, dtype);

    /// <summary>The task's targets as the posterior wants them, [n, c].</summary>
    public static torch.Tensor Targets(SourceModel model, RowMatrix y) =>
        torch.tensor(model.OutputStandardisation.Apply(y).Values, [y.Rows, y.Columns], dtype: torch.ScalarType.Float64);

    // Non-zero biases: with zero ones a wrong bias block could hide behind a dead unit.
    private static SourceModel RandomModel(NetworkSpec spec, NetworkWeights? given, SeededRandom random)
    {
        int[] vocabularies = Vocabularies(spec);
        NetworkWeights weights = given ?? (spec.Nodes.All(node => node is LinearNode or ActivationNode) && spec.Fixed.IsEmpty
            ? new NetworkWeights(spec, [.. NetworkWeights.Initialise(spec, random.NextInt(int.MaxValue)).Values.Select(w => w == 0 ? (float)(0.3 * random.NextNormal()) : w)])
            : RandomWeights(spec, random));
        return new SourceModel(weights, RandomScaling(random, spec.InputWidth, vocabularies), RandomScaling(random, spec.Outputs, new int[spec.Outputs]));
    }

    // What training could have left: scales that are not 1, statistics that are not those of nothing. Constants are positive.
    private static NetworkWeights RandomWeights(NetworkSpec spec, SeededRandom random)
    {
        var roles = spec.Graph.Values.SelectMany(value => value.Tensors).DistinctBy(use => use.Name).ToDictionary(use => use.Name);
        return NetworkWeights.FromTensors(spec, name =>
        {
            ParameterUse use = roles[name];
            return Enumerable.Range(0, (int)Shapes.Count(use.Shape)).Select(_ => (float)Draw(use, random.NextNormal())).ToArray();
        });
    }

    private static double Draw(ParameterUse use, double normal) => use.Role switch
    {
        ParameterRole.Weight => normal / Math.Sqrt(use.FanIn),
        ParameterRole.Scale => 1 + (0.3 * normal),
        ParameterRole.RunningVariance => Math.Exp(0.5 * normal),
        ParameterRole.Constant => 1.5 + Math.Abs(0.2 * normal),
        ParameterRole.Bias or ParameterRole.RunningMean => 0.3 * normal,
        _ => 0.7 * normal,
    };

    // Indices are not standardised.
    private static Standardisation RandomScaling(SeededRandom random, int width, int[] vocabularies) => new(
        [.. random.Normals(width).Select((v, i) => vocabularies[i] == 0 ? 0.2 * v : 0)],
        [.. random.Normals(width).Select((v, i) => vocabularies[i] == 0 ? Math.Exp(0.3 * v) : 1)]);
}
