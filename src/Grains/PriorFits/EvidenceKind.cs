namespace AdaptCluster.Grains.PriorFits;

/// <summary>What a part of a fit is asked for: the first byte of a question.</summary>
internal enum EvidenceKind : byte
{
    /// <summary>What is known of its tasks before any fit.</summary>
    Members = 0,

    /// <summary>The evidence under a prior, with its derivatives.</summary>
    Evidence = 1,

    /// <summary>What the spreads are learned from, under the fitted prior.</summary>
    Spectra = 2,
}
