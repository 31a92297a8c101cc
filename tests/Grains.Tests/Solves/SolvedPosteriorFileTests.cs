using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Tests.Solves;

public sealed class SolvedPosteriorFileTests
{
    private readonly Draws _draws = new(3);

    [Theory]
    [InlineData(SolvedForm.Projected)]
    [InlineData(SolvedForm.Gram)]
    [InlineData(SolvedForm.SampledRows)]
    public void RoundTrip_AnyForm_SameBits(SolvedForm form)
    {
        SolvedPosterior posterior = Posterior(form);

        SolvedPosterior back = SolvedPosteriorFile.Parse(SolvedPosteriorFile.ToBytes(posterior));

        Assert.Equal(form, back.Form);
        Same.Bits(posterior.MeanParameters, back.MeanParameters);
        Same.Bits(posterior.Factor.Values, back.Factor.Values);
        Same.Bits(posterior.Inputs?.Values ?? [], back.Inputs?.Values ?? []);
        Same.Bits(posterior.Directions?.Values ?? [], back.Directions?.Values ?? []);
        Same.Bits(
            [posterior.VarianceScale, posterior.LogEvidence, posterior.EffectiveDimension], [back.VarianceScale, back.LogEvidence, back.EffectiveDimension]);
        Assert.Equal((posterior.Inputs is null, posterior.Directions is null), (back.Inputs is null, back.Directions is null));
    }

    [Fact]
    public void Parse_CutOffOrOfAnotherKind_SaysSo()
    {
        byte[] bytes = SolvedPosteriorFile.ToBytes(Posterior(SolvedForm.Gram));

        Assert.Throws<InvalidDataException>(() => SolvedPosteriorFile.Parse(bytes[..^8]));
        Assert.Throws<InvalidDataException>(() => SolvedPosteriorFile.Parse([]));
        Assert.Throws<InvalidDataException>(
            () => SolvedPosteriorFile.Parse(Grains.Tensors.StagedRows.ToBytes(Interfaces.Tensors.TensorPayload.FromMatrix([1, 2], 1, 2))));
    }

    private SolvedPosterior Posterior(SolvedForm form) => new()
    {
        Form = form,
        MeanParameters = _draws.Normals(11),
        Factor = Matrix(4, 4),
        Inputs = form == SolvedForm.Gram ? null : Matrix(5, 3),
        Directions = form == SolvedForm.Projected ? Matrix(5, 4) : null,
        VarianceScale = 0.75,
        LogEvidence = -12.5,
        EffectiveDimension = 3.25,
    };

    private RowMatrix Matrix(int rows, int columns) => new(rows, columns, _draws.Normals(rows * columns));
}
