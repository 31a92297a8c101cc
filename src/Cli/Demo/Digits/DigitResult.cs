using AdaptCluster.Cli.Figures;

namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>One line of the table: means over tasks of each task's mean over its test images.</summary>
/// <param name="Family">Rotated or inverted digits.</param>
/// <param name="K">Labelled images adapted to.</param>
/// <param name="Method">The method.</param>
/// <param name="Tasks">How many tasks.</param>
/// <param name="Mse">Mean squared error, in degrees squared.</param>
/// <param name="Nlpd">Mean negative log predictive density, in nats; the density is per degree.</param>
/// <param name="Coverage95">The share of angles within their 95% interval.</param>
internal sealed record DigitResult(DigitFamily Family, int K, LearningCurveMethod Method, int Tasks, double Mse, double Nlpd, double Coverage95);
