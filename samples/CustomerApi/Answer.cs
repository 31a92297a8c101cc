namespace AdaptCluster.Samples.CustomerApi;

/// <summary>A prediction of one observation.</summary>
/// <param name="Mean">What is expected.</param>
/// <param name="Deviation">Its standard deviation, noise included.</param>
/// <param name="Version">Of the customer's posterior.</param>
internal sealed record Answer(double Mean, double Deviation, int Version);
