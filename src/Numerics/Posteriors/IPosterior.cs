namespace AdaptCluster.Numerics.Posteriors;

/// <summary>The exact posterior of one task, whichever side it was computed on. Standardised units, fp64. One thread at a time.</summary>
public interface IPosterior : IPredictivePosterior
{
    /// <summary>log p(y | X, prior) of the standardised targets, in nats.</summary>
    double LogEvidence { get; }

    /// <summary>tr(K C^-1): how many of the N observations' worth of freedom the data used; between 0 and min(N, p).</summary>
    double EffectiveDimension { get; }

    /// <summary>What was added to a diagonal to make it factorise; 0 normally.</summary>
    double Jitter { get; }

    /// <summary>Every observation predicted without itself, standardised units.</summary>
    LeaveOneOut LeaveOneOut { get; }
}
