using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>The spreads of a fleet.</summary>
/// <param name="Spread">How far tasks differ; <see cref="TaskSpread.None"/> where that predicts no better.</param>
/// <param name="Centre">The mean noise and scale of the tasks over those of the prior that the spectra were made with.</param>
/// <param name="Gain">What moving is worth for the other half of a task's rows, in nats per observation; 0 without spread.</param>
internal sealed record SpreadFit(TaskSpread Spread, TaskFactors Centre, double Gain)
{
    internal static SpreadFit None { get; } = new(TaskSpread.None, TaskFactors.Fleet, 0);
}
