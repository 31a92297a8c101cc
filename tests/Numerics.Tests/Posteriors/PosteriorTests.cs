using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Posteriors;

public sealed class PosteriorTests
{
    // Condition numbers of C in these draws reach 1e5 or so: 1e-16 times that, with two orders to spare.
    private const double Tight = 1e-8;
    private const int Samples = 50;

    [Fact]
    public void FunctionSpace_RandomProblems_MatchesTheDenseFormulas() => ForAll((c, train, at, y) =>
    {
        using FunctionSpacePosterior posterior = FunctionSpacePosterior.Fit(train, y, c.Prior);
        Dense dense = Dense.Of(c, train, at, y);
        Assert.InRange(Math.Abs(dense.LogEvidence - posterior.LogEvidence), 0, Tight * Math.Max(1, Math.Abs(dense.LogEvidence)));
        Assert.InRange(Math.Abs(dense.Dimension - posterior.EffectiveDimension), 0, 1e-7);
        Assert.InRange(Oracle.RelativeError(dense.Alpha, posterior.Alpha), 0, Tight);
        Assert.InRange(Oracle.RelativeError(dense.Parameters, posterior.MeanParameters()), 0, Tight);
        CheckPrediction(dense, posterior, at);
    });

    [Fact]
    public void ParameterSpace_RandomProblems_MatchesFunctionSpace() => ForAll((c, train, at, y) =>
    {
        using FunctionSpacePosterior function = FunctionSpacePosterior.Fit(train, y, c.Prior);
        using ParameterSpacePosterior parameter = ParameterSpacePosterior.Fit(train, y, c.Prior);
        Assert.InRange(Math.Abs(function.LogEvidence - parameter.LogEvidence), 0, Tight * Math.Max(1, Math.Abs(function.LogEvidence)));
        Assert.InRange(Math.Abs(function.EffectiveDimension - parameter.EffectiveDimension), 0, 1e-7);
        Assert.InRange(Oracle.RelativeError(function.MeanParameters(), parameter.MeanParameters()), 0, Tight);
        for (int i = 0; i < train.Count; i++)
        {
            Assert.Equal(function.LeaveOneOut.Means[i], parameter.LeaveOneOut.Means[i], 1e-6 * Math.Max(1, Math.Abs(function.LeaveOneOut.Means[i])));
            Assert.Equal(1, function.LeaveOneOut.Variances[i] / parameter.LeaveOneOut.Variances[i], 1e-6);
        }

        CheckPrediction(Dense.Of(c, train, at, y), parameter, at);
    });

    private static void CheckPrediction(Dense dense, IPosterior posterior, JacobianFactors at)
    {
        using PosteriorPrediction mean = posterior.Predict(at, PredictionKind.Mean);
        using PosteriorPrediction marginal = posterior.Predict(at, PredictionKind.Marginal);
        using PosteriorPrediction joint = posterior.Predict(at, PredictionKind.Joint);
        Assert.Null(mean.Variance);
        Assert.Null(marginal.Covariance);
        Assert.InRange(Oracle.RelativeError(dense.Mean, mean.Mean), 0, Tight);
        Assert.InRange(Oracle.RelativeError(dense.Mean, joint.Mean), 0, Tight);
        Assert.InRange(Oracle.RelativeError(dense.Covariance, joint.Covariance!), 0, Tight);
        Assert.InRange(Oracle.RelativeError(dense.Covariance.diagonal().view(at.Rows, at.Outputs), marginal.Variance!), 0, Tight);
        Assert.InRange(Oracle.RelativeError(marginal.Variance!, joint.Variance!), 0, Tight);
    }

    private static void ForAll(Action<Case, JacobianFactors, JacobianFactors, torch.Tensor> check) => Cases.All.Sample(
        c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using SourceNetwork network = Cases.Network(c);
            using JacobianFactors train = network.Linearise(c.X);
            using JacobianFactors at = network.Linearise(c.Other);
            check(c, train, at, Cases.Targets(c.Model, c.Y));
        },
        iter: Samples,
        threads: 1);
}
