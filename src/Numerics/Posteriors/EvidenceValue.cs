namespace AdaptCluster.Numerics.Posteriors;

/// <summary>A log evidence with its gradient. Values of independent tasks add up.</summary>
/// <param name="LogEvidence">log p(y | X, prior), in nats, of the standardised targets.</param>
/// <param name="Gradient">Its derivatives with respect to the logarithms of the prior's numbers.</param>
/// <param name="Observations">The number of observed numbers, N = n c.</param>
public sealed record EvidenceValue(double LogEvidence, EvidenceGradient Gradient, int Observations)
{
    /// <summary>The evidence of both data sets together.</summary>
    public static EvidenceValue operator +(EvidenceValue left, EvidenceValue right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new EvidenceValue(
            left.LogEvidence + right.LogEvidence,
            new EvidenceGradient(
                [.. left.Gradient.LogBlockScales.Zip(right.Gradient.LogBlockScales, (a, b) => a + b)],
                [.. left.Gradient.LogNoiseVariance.Zip(right.Gradient.LogNoiseVariance, (a, b) => a + b)]),
            left.Observations + right.Observations);
    }

    /// <summary>The same as the operator.</summary>
    public static EvidenceValue Add(EvidenceValue left, EvidenceValue right) => left + right;
}
