namespace AdaptCluster.Cli.Figures;

/// <summary>The iterations of one solver over noise levels.</summary>
/// <param name="Name">As the legend has it.</param>
/// <param name="Points">The noise variance over the kernel's mean diagonal, the iterations, and whether they ended with an answer.</param>
internal sealed record IterationCurve(string Name, IReadOnlyList<(double Noise, int Iterations, bool Converged)> Points);
