namespace AdaptCluster.Cli.Demo;

/// <summary>How well the functions of new tasks were found, over a grid on the range of each task's data; means over tasks.</summary>
/// <param name="Tasks">How many tasks.</param>
/// <param name="Points">Observations of each.</param>
/// <param name="Within2sd">The share of the grid on which the truth is within two posterior standard deviations of the posterior mean.</param>
/// <param name="Mse">The mean squared distance of the posterior mean to the truth.</param>
/// <param name="SourceMse">The mean squared distance of the source network to the truth.</param>
/// <param name="MeanSd">The mean posterior standard deviation of the function.</param>
internal sealed record SinusoidScore(int Tasks, int Points, double Within2sd, double Mse, double SourceMse, double MeanSd);
