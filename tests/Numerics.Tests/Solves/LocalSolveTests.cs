using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solves;

/// <summary>Iterative solves in one process against the dense fp64 posterior of the same task.</summary>
public sealed class LocalSolveTests
{
    /// <summary>A prediction's mean, in prior standard deviations: what the plan asks for (1e-6) with room for the estimate of the error.</summary>
    private const double MeanTolerance = 1e-5;

    /// <summary>How far a variance may be above the exact one.</summary>
    private const double VarianceTolerance = 0.02;

    /// <summary>Rounding of the variances' subtraction in fp64, as a share of the prior variance.</summary>
    private const double VarianceRounding = 1e-9;

    public static TheoryData<SolveLayout, int, bool, int> Layouts()
    {
        var data = new TheoryData<SolveLayout, int, bool, int>();
        foreach (SolveLayout layout in Enum.GetValues<SolveLayout>())
        {
            foreach (int shards in (int[])[1, 2, 3, 7])
            {
                foreach (bool keeps in (bool[])[true, false])
                {
                    data.Add(layout, shards, keeps, shards);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Run_GeneratedTask_EqualsTheDensePosterior(SolveLayout layout, int shards, bool keeps, int seed)
    {
        Case c = SolveCases.Build(seed);
        SolvePlan plan = SolveCases.Plan(c, layout, shards) with { KeepsFactors = keeps };

        SolveResult result = LocalSolve.Run(c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior, plan, TestContext.Current.CancellationToken);

        Assert.Equal(SolveStatus.Converged, result.Statistics.Status);
        Assert.InRange(result.Statistics.RelativeResidual, 0, plan.Tolerance);
        SolveCases.AssertEqualsDense(c, result, MeanTolerance, VarianceTolerance, VarianceRounding);
    }

    [Theory]
    [InlineData(SolveLayout.KernelRows)]
    [InlineData(SolveLayout.ParameterSpace)]
    public void Run_TheSameLayoutTwice_SameBits(SolveLayout layout)
    {
        Case c = SolveCases.Build(3);
        SolvePlan plan = SolveCases.Plan(c, layout, 3);
        var data = new TaskData(c.X, c.Y);

        SolveResult first = LocalSolve.Run(c.Model, torch.CPU, data, c.Prior, plan, TestContext.Current.CancellationToken);
        SolveResult second = LocalSolve.Run(c.Model, torch.CPU, data, c.Prior, plan, TestContext.Current.CancellationToken);

        Assert.Equal(first.Posterior!.MeanParameters, second.Posterior!.MeanParameters);
        Assert.Equal(first.Posterior.Factor.Values, second.Posterior.Factor.Values);
        Assert.Equal(first.Posterior.LogEvidence, second.Posterior.LogEvidence);
        Assert.Equal(first.Statistics, second.Statistics);
    }

    [Theory]
    [InlineData(SolveLayout.KernelRows, PreconditionerKind.PivotedCholesky, 40)]
    [InlineData(SolveLayout.KernelRows, PreconditionerKind.None, 1)]
    [InlineData(SolveLayout.ParameterSpace, PreconditionerKind.SampledGram, 90)]
    [InlineData(SolveLayout.ParameterSpace, PreconditionerKind.SampledRows, 60)]
    [InlineData(SolveLayout.ParameterSpace, PreconditionerKind.None, 1)]
    public void Run_ASmallPreconditioner_SameMeanAndAVarianceThatIsNeverTooSmall(SolveLayout layout, PreconditionerKind kind, int size)
    {
        Case c = SolveCases.Build(4);
        SolvePlan plan = SolveCases.Plan(c, layout, 2) with { Preconditioner = kind, PreconditionerSize = size };

        SolveResult result = LocalSolve.Run(c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior, plan, TestContext.Current.CancellationToken);

        Assert.Equal(SolveStatus.Converged, result.Statistics.Status);
        SolveCases.AssertMeansEqualAndVariancesCover(c, result, MeanTolerance, VarianceRounding);
    }

    [Theory]
    [InlineData(SolveLayout.KernelRows)]
    [InlineData(SolveLayout.ParameterSpace)]
    public void Run_ProductsAndResidualInSingle_MeanToSinglePrecision(SolveLayout layout)
    {
        Case c = SolveCases.Build(6);
        SolvePlan plan = SolveCases.Plan(c, layout, 3) with { CertifiesInDouble = false };

        SolveResult result = LocalSolve.Run(c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior, plan, TestContext.Current.CancellationToken);

        // The solution of a system whose entries are rounded to 6e-8: a thousandth of a prior standard deviation is far above that times its condition.
        Assert.Equal(SolveStatus.Converged, result.Statistics.Status);
        Assert.InRange(result.Statistics.RelativeResidual, 0, plan.Tolerance);
        SolveCases.AssertEqualsDense(c, result, 1e-3, VarianceTolerance, 1e-5);
    }

    [Theory]
    [InlineData(SolveLayout.KernelRows)]
    [InlineData(SolveLayout.ParameterSpace)]
    public void Checkpoint_AtEveryIteration_GoesOnWithTheSameBits(SolveLayout layout)
    {
        Case c = SolveCases.Build(2);
        SolvePlan plan = SolveCases.Plan(c, layout, 2) with
        {
            Preconditioner = layout == SolveLayout.KernelRows ? PreconditionerKind.PivotedCholesky : PreconditionerKind.SampledGram,
            PreconditionerSize = 30,
        };
        var data = new TaskData(c.X, c.Y);
        var checkpoints = new List<byte[]>();
        SolveResult whole = Conversation.Run(c, plan, data, null, run => checkpoints.AddRange(run.Checkpoint() is { } bytes ? [bytes] : []));
        Assert.True(checkpoints.Count > 5);

        foreach (byte[] checkpoint in checkpoints.Where((_, i) => i % 3 == 0))
        {
            SolveResult resumed = Conversation.Run(c, plan, data, checkpoint, _ => { });

            Assert.Equal(whole.Statistics, resumed.Statistics);
            Assert.Equal(whole.Posterior!.MeanParameters, resumed.Posterior!.MeanParameters);
            Assert.Equal(whole.Posterior.LogEvidence, resumed.Posterior.LogEvidence);
            Assert.Equal(whole.Posterior.Factor.Values, resumed.Posterior.Factor.Values);
        }
    }

    [Fact]
    public void Checkpoint_Damaged_IsRefused()
    {
        Case c = SolveCases.Build(2);
        SolvePlan plan = SolveCases.Plan(c, SolveLayout.ParameterSpace, 1);
        byte[]? checkpoint = null;
        var data = new TaskData(c.X, c.Y);
        Conversation.Run(c, plan, data, null, run => checkpoint ??= run.Checkpoint());

        Assert.Throws<InvalidDataException>(() => Conversation.Run(c, plan, data, checkpoint![..^9], _ => { }));
    }

    [Theory]
    [InlineData(SolveLayout.KernelRows, true)]
    [InlineData(SolveLayout.KernelRows, false)]
    [InlineData(SolveLayout.ParameterSpace, true)]
    [InlineData(SolveLayout.ParameterSpace, false)]
    public void Run_NoiseAMillionthOfTheKernel_ConvergesOrSaysThatItDidNot(SolveLayout layout, bool certifies)
    {
        Case c = SolveCases.Hard(7, noiseOverDiagonal: 1e-6);
        SolvePlan plan = SolveCases.Plan(c, layout, 2) with { CertifiesInDouble = certifies, PreconditionerSize = 50, MaxIterations = 200 };

        SolveResult result = LocalSolve.Run(c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior, plan, TestContext.Current.CancellationToken);

        Assert.True(double.IsFinite(result.Statistics.RelativeResidual));
        if (result.Statistics.Status == SolveStatus.Converged)
        {
            Assert.InRange(result.Statistics.RelativeResidual, 0, plan.Tolerance);
            Assert.All(result.Posterior!.MeanParameters, value => Assert.True(double.IsFinite(value)));
        }
        else
        {
            Assert.Null(result.Posterior);
            Assert.Null(result.Report);
            Assert.Contains("not converged", result.Statistics.Describe(), StringComparison.Ordinal);
            Assert.Contains("use a larger noise variance", result.Statistics.Describe().Replace("allow more iterations or a larger", "use a larger", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_Cancelled_EndsAtOnce()
    {
        Case c = SolveCases.Build(1);
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => LocalSolve.Run(
            c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior, SolveCases.Plan(c, SolveLayout.KernelRows, 1), source.Token));
    }
}
