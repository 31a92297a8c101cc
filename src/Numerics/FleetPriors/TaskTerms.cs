namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>One task's part of the fleet's evidence. Derivatives are with respect to the logarithms of the B scales and then of the noise variances.</summary>
internal sealed class TaskTerms(int parameters)
{
    /// <summary>The number of observed numbers.</summary>
    internal int Observations { get; set; }

    /// <summary>log p(y | X, prior), in nats; NaN where the covariance could not be factorised.</summary>
    internal double LogEvidence { get; set; }

    /// <summary>r^T C^-1 r: about <see cref="Observations"/> for a task as the prior expects one.</summary>
    internal double Misfit { get; set; }

    /// <summary>[q].</summary>
    internal double[] Gradient { get; } = new double[parameters];

    /// <summary>The average information, [q, q].</summary>
    internal double[] Information { get; } = new double[parameters * parameters];

    /// <summary>Adds another task's terms, times a weight. What is counted is counted whole.</summary>
    internal void Add(TaskTerms other, double weight = 1)
    {
        Observations += other.Observations;
        LogEvidence += weight * other.LogEvidence;
        Misfit += weight * other.Misfit;
        for (int i = 0; i < Gradient.Length; i++)
        {
            Gradient[i] += weight * other.Gradient[i];
        }

        for (int i = 0; i < Information.Length; i++)
        {
            Information[i] += weight * other.Information[i];
        }
    }
}
