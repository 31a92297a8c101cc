namespace AdaptCluster.Cli.Figures;

/// <summary>How well one method of a comparison does by the number of rows it has seen of a task.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Points">Numbers of rows, ascending, positive.</param>
/// <param name="Mse">One value per number of rows, positive.</param>
/// <param name="Nlpd">One value per number of rows.</param>
internal sealed record ComparisonCurve(string Method, double[] Points, double[] Mse, double[] Nlpd);
