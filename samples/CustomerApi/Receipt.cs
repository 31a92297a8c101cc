namespace AdaptCluster.Samples.CustomerApi;

/// <summary>What a customer's model knows now; durable.</summary>
/// <param name="Observations">Rows that it rests on.</param>
/// <param name="Version">Of the posterior.</param>
/// <param name="LeaveOneOutError">Mean squared error of each row predicted from the others.</param>
internal sealed record Receipt(int Observations, int Version, double LeaveOneOutError);
