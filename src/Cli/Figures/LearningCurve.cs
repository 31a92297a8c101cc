namespace AdaptCluster.Cli.Figures;

/// <summary>How well one method does by the number of points it has seen of a task.</summary>
/// <param name="Method">Which method.</param>
/// <param name="Points">Numbers of points, ascending, positive.</param>
/// <param name="MeanSquaredError">One value per number of points, positive.</param>
/// <param name="MeanNegativeLogDensity">One value per number of points.</param>
internal sealed record LearningCurve(
    LearningCurveMethod Method, double[] Points, double[] MeanSquaredError, double[] MeanNegativeLogDensity);
