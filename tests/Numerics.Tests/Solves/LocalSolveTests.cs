using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
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
}
