using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Tests.Sources;

public sealed class RegistrationChecksTests
{
    private static readonly SourceRegistration Good = new Problem(inputs: 2, outputs: 1, hidden: 3).Registration;

    private static readonly string Activations = string.Join(", ", Enum.GetNames<Activation>().Select(name => name.ToLowerInvariant()));

    public static TheoryData<string, string> Refused => new()
    {
        { "too many inputs", "network: it has 3 inputs, but the schema encodes to 2; make them equal." },
        { "too few outputs", "network: it has 1 outputs for 2 targets; make them equal." },
        { "no width", "network: '2-0-1 tanh' has a width below 1; give widths of at least 1." },
        { "no layers", "network: '2- linear' has a width below 1; give widths of at least 1." },
        { "activation", $"activation: 'tan' is not known; use one of {Activations}." },
        { "activation by number", $"activation: '1' is not known; use one of {Activations}." },
        { "too large", "network: '2-10000-10000-1 tanh' has 100050001 parameters; use at most 50000000." },
        { "column twice", "schema: the column 'y0' is named twice; name each column once." },
        { "column without name", "column: the name is empty; give a name of 1 to 200 characters." },
        { "weights", "weights: there are 12, but the network has 13 parameters; send all of them." },
        { "weights as doubles", "tensor: its elements are Float64, not Float32; send Float32." },
        { "weight not finite", "weights: number 4 is Infinity; send finite numbers." },
        { "input means", "standardisation of the inputs: it does not fit; send 2 finite means and 2 positive scales, or none." },
        { "output scale", "standardisation of the outputs: it does not fit; send 1 finite means and 1 positive scales, or none." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void ToModel_PartsThatDoNotFit_RefusedWithTheRemedy(string what, string message)
    {
        float[] weights = Good.Weights.ToSingles();
        SourceRegistration bad = what switch
        {
            "too many inputs" => Good with { Network = NetworkDescription.Mlp(3, [3], 1, "tanh") },
            "too few outputs" => Good with { Targets = ["y0", "y1"] },
            "no width" => Good with { Network = NetworkDescription.Mlp(2, [0], 1, "tanh") },
            "no layers" => Good with { Network = new NetworkDescription(2, []) },
            "activation" => Good with { Network = NetworkDescription.Mlp(2, [3], 1, "tan") },
            "activation by number" => Good with { Network = NetworkDescription.Mlp(2, [3], 1, "1") },
            "too large" => Good with { Network = NetworkDescription.Mlp(2, [10_000, 10_000], 1, "tanh") },
            "column twice" => Good with { Schema = InputSchema.Numeric("x0", "y0") },
            "column without name" => Good with { Schema = InputSchema.Numeric("x0", " ") },
            "weights" => Good with { Weights = TensorPayload.FromVector(weights.AsSpan(1)) },
            "weights as doubles" => Good with { Weights = TensorPayload.FromMatrix(new double[13], 1, 13) },
            "weight not finite" => Good with { Weights = TensorPayload.FromVector([.. weights[..4], float.PositiveInfinity, .. weights[5..]]) },
            "input means" => Good with { InputMean = [1, 2, 3] },
            "output scale" => Good with { OutputScale = [0] },
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };

        InvalidInputException error = Assert.Throws<InvalidInputException>(() => RegistrationChecks.ToModel(bad));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void ToModel_NoStandardisation_Identity()
    {
        var model = RegistrationChecks.ToModel(Good with { InputMean = [], InputScale = default, OutputMean = default, OutputScale = [] });

        Assert.Equal([0.0, 0.0], model.InputStandardisation.Mean);
        Assert.Equal([1.0, 1.0], model.InputStandardisation.Scale);
        Assert.Equal([0.0], model.OutputStandardisation.Mean);
        Assert.Equal(Good.Weights.ToSingles(), model.Weights.Values);
    }
}
