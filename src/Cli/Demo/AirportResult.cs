using AdaptCluster.Cli.Figures;

namespace AdaptCluster.Cli.Demo;

/// <summary>One line of the airports' table: means over tasks of each task's mean over its test flights.</summary>
/// <param name="K">Flights of the airport adapted to.</param>
/// <param name="Method">The method.</param>
/// <param name="Tasks">How many airports have enough flights.</param>
/// <param name="Mse">Mean squared error, in minutes squared.</param>
/// <param name="Nlpd">Mean negative log predictive density, in nats; the density is per minute.</param>
/// <param name="Coverage95">The share of flights within their 95% interval.</param>
internal sealed record AirportResult(int K, LearningCurveMethod Method, int Tasks, double Mse, double Nlpd, double Coverage95);
