using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Planning;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Posteriors;

/// <summary>Priors with a learned shift and directions, d ~ N(d0, D + U U^T), against dense formulas.</summary>
public sealed class MovesTests
{
    // Condition numbers of C reach 1e5 or so in these draws: 1e-16 times that, with two orders to spare.
    private const double Tight = 1e-8;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Fit_ShiftAndDirections_MatchesTheDenseFormulasInBothSpaces(int rank) => Cases.All.Sample(
        c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using SourceNetwork network = Cases.Network(c);
            using JacobianFactors train = network.Linearise(c.X);
            using JacobianFactors at = network.Linearise(c.Other);
            torch.Tensor y = Cases.Targets(c.Model, c.Y);
            Prior prior = WithMoves(c.Prior, c.Spec, rank, frozen: rank == 1);
            (double evidence, torch.Tensor parameters, torch.Tensor mean, torch.Tensor covariance) = DenseAnswer(c, prior, y);
            using FunctionSpacePosterior function = FunctionSpacePosterior.Fit(train, y, prior);
            using ParameterSpacePosterior parameter = ParameterSpacePosterior.Fit(train, y, prior);
            Assert.Equal(evidence, Evidence.Evaluate(train, y, prior).LogEvidence, Tight * Math.Max(1, Math.Abs(evidence)));
            foreach (IPosterior posterior in new IPosterior[] { function, parameter })
            {
                Assert.Equal(evidence, posterior.LogEvidence, Tight * Math.Max(1, Math.Abs(evidence)));
                Assert.InRange(Oracle.RelativeError(parameters, posterior.MeanParameters()), 0, Tight);
                using PosteriorPrediction only = posterior.Predict(at, PredictionKind.Mean);
                using PosteriorPrediction marginal = posterior.Predict(at, PredictionKind.Marginal);
                using PosteriorPrediction joint = posterior.Predict(at, PredictionKind.Joint);
                Assert.InRange(Oracle.RelativeError(mean, only.Mean), 0, Tight);
                Assert.InRange(Oracle.RelativeError(mean, marginal.Mean), 0, Tight);
                Assert.InRange(Oracle.RelativeError(covariance, joint.Covariance!), 0, Tight);
                Assert.InRange(Oracle.RelativeError(covariance.diagonal().view(at.Rows, at.Outputs), marginal.Variance!), 0, Tight);
            }

            for (int i = 0; i < train.Count; i++)
            {
                Assert.Equal(function.LeaveOneOut.Means[i], parameter.LeaveOneOut.Means[i], 1e-6 * Math.Max(1, Math.Abs(function.LeaveOneOut.Means[i])));
                Assert.Equal(1, function.LeaveOneOut.Variances[i] / parameter.LeaveOneOut.Variances[i], 1e-6);
            }
        },
        iter: 20,
        threads: 1);

    [Theory]
    [InlineData(PosteriorSpace.Function)]
    [InlineData(PosteriorSpace.Parameter)]
    public void SampleParameters_ShiftAndDirections_HasThePosteriorsMoments(PosteriorSpace space)
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [3], 1, Activation.Tanh), 5, 6, 4);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        using JacobianFactors at = network.Linearise(c.Other);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        Prior prior = WithMoves(c.Prior, c.Spec, 2, frozen: false);
        using IPosterior posterior = space == PosteriorSpace.Function ? FunctionSpacePosterior.Fit(train, y, prior) : ParameterSpacePosterior.Fit(train, y, prior);
        using PosteriorPrediction expected = posterior.Predict(at, PredictionKind.Joint);
        const int Draws = 20_000;
        torch.Tensor values = PriorFunctions.MeanAt(at, prior, posterior.SampleParameters(Draws, seed: 3)).view(at.Count, Draws);
        torch.Tensor mean = values.mean([1L]);
        torch.Tensor centred = values - mean.view(-1, 1);
        double largest = expected.Variance!.max().item<double>();

        // Five standard errors of a mean, sqrt(v / 20,000), and of a variance, v sqrt(2 / 20,000).
        Assert.InRange((mean - expected.Mean.view(-1)).abs().max().item<double>(), 0, 5 * Math.Sqrt(largest / Draws));
        Assert.InRange((torch.mm(centred, centred.t()).div(Draws) - expected.Covariance!).abs().max().item<double>(), 0, 5 * largest * Math.Sqrt(2.0 / Draws));
    }

    [Fact]
    public void TaskPosterior_ShiftAndDirections_BothSpacesPredictAlike()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [5], 2, Activation.Tanh), 5, 6, 4);
        using SourceNetwork network = Cases.Network(c);
        foreach (OutputCoupling coupling in Enum.GetValues<OutputCoupling>())
        {
            Prior prior = WithMoves(c.Prior, c.Spec, 2, frozen: false) with { Coupling = coupling };
            using TaskPosterior function = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), prior, PosteriorSpace.Function);
            using TaskPosterior parameter = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), prior, PosteriorSpace.Parameter);
            Prediction a = function.Predict(c.Other);
            Prediction b = parameter.Predict(c.Other);
            Assert.All(a.Mean.Values.Zip(b.Mean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-7));
            Assert.All(a.LatentVariance.Values.Zip(b.LatentVariance.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-7));
            Assert.Equal(function.Report.LogEvidence, parameter.Report.LogEvidence, 1e-7);
        }
    }

    [Fact]
    public void Plan_ShiftOrDirections_OnlyDirectSolvesInDouble()
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [5], 1, Activation.Tanh);
        Prior prior = Prior.Uniform(spec, 1, 0.1) with { Shift = [.. new double[spec.ParameterCount]] };
        var device = new PlanDevice("the device", 1e11, 5e10, 1L << 40, 1L << 40);
        PlanOutlook outlook = SolvePlanner.Explain(spec, prior, 100_000, [device], new PlanOptions());
        Assert.Equal("direct, parameter space", outlook.Chosen!.Name);
        Assert.All(
            outlook.Candidates.Where(candidate => candidate.Plan is not null || candidate.IsRefined),
            candidate => Assert.Equal("a prior with a learned shift or directions is solved directly, in fp64", candidate.Reason));
        Case c = Cases.Build(spec, 5, 6, 4);
        Assert.Throws<ArgumentException>(() => RefinedFit.Start(c.Model, torch.CPU, new TaskData(c.X, c.Y), prior));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 5)]
    public void Validate_WrongLengthsOrNumbers_AreRefused(int shift, int directions)
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [5], 1, Activation.Tanh);
        Prior prior = Prior.Uniform(spec, 1, 0.1);
        Assert.Throws<ArgumentException>(() => (prior with { Shift = [.. new double[shift]], Directions = [.. new double[directions]] }).Validate(spec));
        Assert.Throws<ArgumentException>(() => (prior with { Shift = [.. Enumerable.Repeat(double.NaN, spec.ParameterCount)] }).Validate(spec));
        Assert.Equal(prior with { Shift = [.. new double[spec.ParameterCount]] }, prior with { Shift = [.. new double[spec.ParameterCount]] });
        Assert.NotEqual(prior, prior with { Shift = [.. new double[spec.ParameterCount]] });
    }

    internal static Prior WithMoves(Prior prior, NetworkSpec spec, int rank, bool frozen)
    {
        var random = new SeededRandom(rank, 9);
        return prior with
        {
            BlockScales = frozen ? prior.BlockScales.SetItem(0, 0) : prior.BlockScales,
            Shift = [.. random.Normals(spec.ParameterCount)],
            Directions = [.. random.Normals(spec.ParameterCount * rank)],
        };
    }

    private static (double Evidence, torch.Tensor Parameters, torch.Tensor Mean, torch.Tensor Covariance) DenseAnswer(Case c, Prior prior, torch.Tensor y)
    {
        int p = c.Spec.ParameterCount;
        (torch.Tensor output, torch.Tensor j) = Oracle.Linearise(c.Model, c.X);
        (torch.Tensor outputAt, torch.Tensor js) = Oracle.Linearise(c.Model, c.Other);
        torch.Tensor d0 = torch.tensor(prior.Shift.ToArray(), [p, 1]);
        torch.Tensor spread = torch.diag(Oracle.ParameterVariances(c.Spec, prior.BlockScales));
        if (!prior.Directions.IsEmpty)
        {
            torch.Tensor u = torch.tensor(prior.Directions.ToArray(), [p, prior.RankOf(c.Spec)]);
            spread += torch.mm(u, u.t());
        }

        bool source = prior.Mean == PriorMean.Source;
        torch.Tensor r = (source ? y - output : y).reshape(-1, 1) - torch.mm(j, d0);
        torch.Tensor covariance = torch.mm(torch.mm(j, spread), j.t()) + torch.diag(Oracle.Noise(prior, c.X.Rows, c.Spec.Outputs));
        torch.Tensor alpha = torch.linalg.solve(covariance, r);
        torch.Tensor parameters = d0 + torch.mm(spread, torch.mm(j.t(), alpha));
        double value = -0.5 * (torch.mm(r.t(), alpha).item<double>() + torch.linalg.slogdet(covariance).Item2.item<double>() + (r.numel() * Math.Log(2 * Math.PI)));
        torch.Tensor cross = torch.mm(torch.mm(j, spread), js.t());
        torch.Tensor latent = torch.mm(torch.mm(js, spread), js.t()) - torch.mm(cross.t(), torch.linalg.solve(covariance, cross));
        torch.Tensor mean = torch.mm(js, parameters).view(c.Other.Rows, c.Spec.Outputs);
        return (value, parameters.view(-1), source ? mean + outputAt : mean, latent);
    }
}
