using System.Net;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Bench.Scale;

/// <summary>A client that uploads and says how far it is, as a process of its own so that it can be killed.</summary>
internal static class UploadClient
{
    /// <summary>The part of the scenario that it is.</summary>
    public const string Part = "upload-client";

    /// <summary>What its lines begin with: connected, then rows that are durable.</summary>
    public const string Connected = "connected";

    /// <inheritdoc cref="Connected"/>
    public const string Durable = "durable";

    /// <summary>The task that it uploads to, and the name of the upload.</summary>
    public const string TaskName = "upload";

    /// <summary>Uploads all rows.</summary>
    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        IPEndPoint gateway = options.Gateway ?? throw new InvalidOperationException("'--gateway' says where to.");
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [gateway] }, cancellationToken);
        TaskHandle task = new AdaptClient(connection.Grains).Source(GeneratedSource.Name).Task(TaskName);
        PeakMemory.Reset();
        await Console.Error.WriteLineAsync(Connected);
        int held = await task.UploadAsync(
            UploadRows.ReadAsync(options.Data, options.Rows!.Value, cancellationToken), TaskName, new Lines(), cancellationToken);
        return ScenarioReport.Of(Part, new Figure("held", held, "{row}", null, "by the task"));
    }

    private sealed class Lines : IProgress<int>
    {
        public void Report(int value) => Console.Error.WriteLine($"{Durable} {value}");
    }
}
