using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Tests.Data;

public sealed class StandardisationTests
{
    [Fact]
    public void ApplyThenInvert_AnyMatrix_IsTheMatrix()
    {
        var x = new RowMatrix(40, 3, [.. new SeededRandom(1).Normals(120).Select(v => 1000 + (50 * v))]);
        Standardisation map = Standardisation.Fit(x);
        RowMatrix standardised = map.Apply(x);
        RowMatrix back = map.Invert(standardised);
        for (int i = 0; i < 120; i++)
        {
            Assert.Equal(x.Values[i], back.Values[i], 1e-12 * 1000); // a few roundings of numbers near 1000
        }

        for (int j = 0; j < 3; j++)
        {
            Assert.Equal(0, Enumerable.Range(0, 40).Average(i => standardised[i, j]), 1e-12);
            Assert.Equal(1, Enumerable.Range(0, 40).Average(i => standardised[i, j] * standardised[i, j]), 1e-12);
        }
    }

    [Fact]
    public void Fit_ConstantColumn_KeepsScaleOne()
    {
        Standardisation map = Standardisation.Fit(new RowMatrix(3, 2, [0.1, 1, 0.1, 2, 0.1, 3]));
        Assert.Equal(1, map.Scale[0]);
        Assert.Equal(0.1, map.Mean[0], 1e-15);
        Assert.NotEqual(1, map.Scale[1]);
    }

    [Fact]
    public void Fit_Groups_ShareTheMomentsOfAllTheirValues()
    {
        var x = new RowMatrix(2, 5, [1, 100, 3, 7, 0, 5, 300, 7, 9, 1]);

        Standardisation map = Standardisation.Fit(x, [4, 0, 4, 4, -1]);

        double[] pooled = [1, 3, 7, 5, 7, 9];
        double scale = Math.Sqrt(pooled.Average(v => (v - pooled.Average()) * (v - pooled.Average())));
        Assert.All([0, 2, 3], j => Assert.Equal((pooled.Average(), scale), (map.Mean[j], map.Scale[j])));
        Assert.Equal((200, 100), (map.Mean[1], map.Scale[1]));
        Assert.Equal((0, 1), (map.Mean[4], map.Scale[4]));
        Assert.Throws<ArgumentException>(() => Standardisation.Fit(x, [1, 2]));
    }

    [Fact]
    public void Fit_EveryColumnAGroup_IsTheDefault()
    {
        var x = new RowMatrix(3, 2, [0.1, 1, 0.7, 2, 0.3, 3.5]);
        Assert.Equal(Standardisation.Fit(x), Standardisation.Fit(x, [0, 1]));
    }

    [Fact]
    public void Equality_SameContent_IsEqual()
    {
        Assert.Equal(new Standardisation([1, 2], [3, 4]), new Standardisation([1, 2], [3, 4]));
        Assert.NotEqual(new Standardisation([1, 2], [3, 4]), new Standardisation([1, 2], [3, 5]));
        Assert.Equal(NetworkSpec.Mlp(2, [3], 1, Activation.Tanh), NetworkSpec.Mlp(2, [3], 1, Activation.Tanh));
        Assert.NotEqual(NetworkSpec.Mlp(2, [3], 1, Activation.Tanh), NetworkSpec.Mlp(2, [3], 1, Activation.ReLU));
        Assert.Equal(new Prior([1, 2], [3], PriorMean.Source), new Prior([1, 2], [3], PriorMean.Source));
    }

    [Fact]
    public void Blocks_OfAChain_AreWeightThenBiasOfEachLayer()
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [3], 1, Activation.Tanh);
        Assert.Equal(13, spec.ParameterCount);
        Assert.Equal(["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"], spec.Blocks.Select(b => b.Name));
    }

    [Fact]
    public void Constructors_DamagedValues_AreRefused()
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [3], 1, Activation.Tanh);
        NetworkWeights weights = NetworkWeights.Initialise(spec, 1);
        Assert.Throws<ArgumentException>(() => new NetworkWeights(spec, new float[12]));
        Assert.Throws<ArgumentException>(() => new NetworkWeights(spec, [.. Enumerable.Repeat(float.NaN, 13)]));
        Assert.Throws<ArgumentException>(() => new SourceModel(weights, Standardisation.Identity(3), Standardisation.Identity(1)));
        Assert.Throws<ArgumentException>(() => new SourceModel(weights, new Standardisation([0, 0], [1, 0]), Standardisation.Identity(1)));
        Assert.Throws<InvalidNetworkException>(() => NetworkSpec.Dense(0, [new DenseLayerSpec(1, Activation.Tanh)]));
        Assert.Throws<InvalidNetworkException>(() => NetworkSpec.Dense(1, []));
        Assert.Throws<InvalidNetworkException>(() => NetworkSpec.Dense(1, [new DenseLayerSpec(0, Activation.Tanh)]));
        Assert.Throws<ArgumentException>(() => new RowMatrix(2, 2, new double[3]));
    }
}
