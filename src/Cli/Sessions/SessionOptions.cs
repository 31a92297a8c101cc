namespace AdaptCluster.Cli.Sessions;

/// <summary>Which cluster a command talks to.</summary>
/// <param name="Cluster">"embedded", or gateways as host:port separated by commas.</param>
/// <param name="DataDirectory">The data directory of an embedded silo.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="ConsoleTelemetry">Whether an embedded silo writes its telemetry to the console.</param>
internal sealed record SessionOptions(string Cluster, string DataDirectory, string Tenant, bool ConsoleTelemetry);
