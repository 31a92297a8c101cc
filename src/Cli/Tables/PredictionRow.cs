namespace AdaptCluster.Cli.Tables;

/// <summary>One prediction, in the target's own units; the interval is that of an observation, noise included.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Row">The 0-based data row of the input file (the header not counted).</param>
/// <param name="Mean">The predictive mean.</param>
/// <param name="Sd">The predictive standard deviation.</param>
/// <param name="Lower95">The lower end of the 95% interval.</param>
/// <param name="Upper95">The upper end of the 95% interval.</param>
/// <param name="Version">The version of the posterior that made it.</param>
internal sealed record PredictionRow(string Task, long Row, double Mean, double Sd, double Lower95, double Upper95, long Version)
{
    /// <summary>The target, where there are several; else null.</summary>
    public string? Target { get; init; }
}
