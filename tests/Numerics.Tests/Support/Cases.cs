using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
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

    public static Case Build(NetworkSpec spec, int seed, int rows, int others, bool perOutput = false, PriorMean mean = PriorMean.Source)
    {
        var random = new SeededRandom(seed, 1);
        Prior prior = new(
            [.. spec.Blocks.Select(_ => Math.Exp(random.NextNormal()))],
            [.. Enumerable.Range(0, perOutput ? spec.Outputs : 1).Select(_ => 0.1 * Math.Exp(random.NextNormal()))],
            mean);
        return new Case(RandomModel(spec, random), Normal(random, rows, spec.InputWidth), Normal(random, others, spec.InputWidth), Normal(random, rows, spec.Outputs), prior);
    }

    public static RowMatrix Normal(SeededRandom random, int rows, int columns) => new(rows, columns, random.Normals(rows * columns));

    public static SourceNetwork Network(Case c, torch.ScalarType dtype = torch.ScalarType.Float64) => new(c.Model, torch.CPU, dtype);

    /// <summary>The task's targets as the posterior wants them, [n, c].</summary>
    public static torch.Tensor Targets(SourceModel model, RowMatrix y) =>
        torch.tensor(model.OutputStandardisation.Apply(y).Values, [y.Rows, y.Columns], dtype: torch.ScalarType.Float64);

    // Non-zero biases: with zero ones a wrong bias block could hide behind a dead unit.
    private static SourceModel RandomModel(NetworkSpec spec, SeededRandom random)
    {
        float[] weights = [.. NetworkWeights.Initialise(spec, random.NextInt(int.MaxValue)).Values.Select(w => w == 0 ? (float)(0.3 * random.NextNormal()) : w)];
        return new SourceModel(new NetworkWeights(spec, weights), RandomScaling(random, spec.InputWidth), RandomScaling(random, spec.Outputs));
    }

    private static Standardisation RandomScaling(SeededRandom random, int width) =>
        new([.. random.Normals(width).Select(v => 0.2 * v)], [.. random.Normals(width).Select(v => Math.Exp(0.3 * v))]);
}
