using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Solves;

/// <summary>What predictions need after an iterative solve, in managed memory: what is stored. Immutable by contract.</summary>
public sealed record SolvedPosterior
{
    /// <summary>How the variance is kept.</summary>
    public required SolvedForm Form { get; init; }

    /// <summary>The posterior mean of the parameter change, d = D J^T alpha, [p].</summary>
    public required double[] MeanParameters { get; init; }

    /// <summary>The inputs that the variance refers to, [r, d], in the data's units; null for <see cref="SolvedForm.Gram"/>.</summary>
    public RowMatrix? Inputs { get; init; }

    /// <summary>S, [r c, t]; null but for <see cref="SolvedForm.Projected"/>.</summary>
    public RowMatrix? Directions { get; init; }

    /// <summary>L, lower triangular, square.</summary>
    public required RowMatrix Factor { get; init; }

    /// <summary>What variances are divided by, in (0, 1]; 1 for <see cref="SolvedForm.Projected"/>.</summary>
    public required double VarianceScale { get; init; }

    /// <summary>The log evidence of the observations, standardised.</summary>
    public required double LogEvidence { get; init; }

    /// <summary>tr(K C^-1), estimated from the scored rows.</summary>
    public required double EffectiveDimension { get; init; }

    /// <summary>Throws unless the parts fit a network and each other.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    internal void Validate(NetworkSpec spec, Prior prior)
    {
        int side = Form switch
        {
            SolvedForm.Gram => FreeParameters.CountFree(spec, prior),
            SolvedForm.SampledRows => (Inputs?.Rows ?? -1) * spec.Outputs,
            _ => Directions?.Columns ?? -1,
        };
        bool fits = MeanParameters.Length == spec.ParameterCount
            && Factor.Rows == side
            && Factor.Columns == side
            && (Form == SolvedForm.Gram ? Inputs is null : Inputs?.Columns == spec.InputWidth)
            && (Form == SolvedForm.Projected ? Directions?.Rows == Inputs?.Rows * spec.Outputs : Directions is null)
            && VarianceScale is > 0 and <= 1;
        if (!fits)
        {
            throw new ArgumentException("The parts of the solved posterior do not fit the network or each other.");
        }
    }
}
