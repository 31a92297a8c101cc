using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>What the methods are called.</summary>
public static class MethodNames
{
    /// <summary>The source network as it is.</summary>
    public const string None = "none";

    /// <summary>The source network plus the task's mean residual.</summary>
    public const string MeanShift = "mean-shift";

    /// <summary>The last layer retrained: ridge regression towards the source's, the penalty by leave-one-out.</summary>
    public const string LastLayer = "last-layer";

    /// <summary>All weights trained further, with early stopping.</summary>
    public const string FineTune = "fine-tune";

    /// <summary>A Gaussian process with an RBF kernel on the inputs, evidence per task; knows nothing of the source.</summary>
    public const string Rbf = "rbf";

    /// <summary>Adaptive Bayesian linear regression on the network's last features, evidence per task.</summary>
    public const string Ablr = "ablr";

    /// <summary>The linearised network with zero mean and one scale, evidence per task.</summary>
    public const string Ntk = "ntk";

    /// <summary>The linearised network under the fleet prior: this library's own.</summary>
    public const string Adapted = "adapted";

    /// <summary>The likeliest of several candidates, task by task.</summary>
    public const string Chosen = "chosen";

    /// <summary>The same candidates, weighted by their probability.</summary>
    public const string Combined = "combined";

    /// <summary>All of them, in the order of tables.</summary>
    public static ImmutableArray<string> All { get; } = [None, MeanShift, LastLayer, FineTune, Rbf, Ablr, Ntk, Adapted, Chosen, Combined];
}
