using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Bench.Scale;

/// <summary>
/// One task with very many rows, uploaded by a client process. Half-way the silo is killed and started again, and the client goes on;
/// a little later the client is killed, and another one resumes.
/// </summary>
internal sealed class ScaleUpload(ScenarioOptions options, int rows, ScaleCluster cluster, CancellationToken cancellationToken)
{
    private const double Most = 500;

    private double _clientPeak;
    private double _siloPeak;

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, int rows, CancellationToken cancellationToken)
    {
        await using ScaleCluster cluster = await ScaleCluster.StartAsync(options.Store == "embedded", cancellationToken);
        return await new ScaleUpload(options, rows, cluster, cancellationToken).RunAsync();
    }

    private async Task<ScenarioReport> RunAsync()
    {
        double idle = await PrepareAsync();
        long started = Stopwatch.GetTimestamp();
        (int resumedAt, int killedAt, double outage) = await BreakAsync(idle);
        await using UploadProcess second = UploadProcess.Start(options.Data, rows, cluster.Silo.Gateway);
        await second.EndAsync(cancellationToken);
        Note(second, idle);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await using ClusterConnection connection = await cluster.ConnectAsync(cancellationToken);
        TaskHandle task = new AdaptClient(connection.Grains).Source(GeneratedSource.Name).Task(UploadClient.TaskName);
        int held = (await task.DescribeAsync(cancellationToken)).Observations;
        int resumed = second.Durable.First;
        int sentAgain = Math.Max(0, killedAt - resumed);
        ScenarioReport report = ScenarioReport.Of(
            "scale upload",
            new Figure("upload_rows", held, "{row}", rows, $"held of {rows:N0}, 13 inputs; {(cluster.IsEmbedded ? "one silo over its embedded store" : "one silo over a Redis server")}"),
            new Figure("upload_duplicates", Math.Max(0, held - rows), "{row}", 0, $"the silo was killed (-9) at {resumedAt:N0} rows and gone for {outage:0.0} s, the client at {killedAt:N0}; the next one's first batch ended at {resumed:N0}"),
            new Figure("upload_lost", Math.Max(0, rows - held) + sentAgain, "{row}", 0, "acknowledged and not there"),
            new Figure("upload_rows_per_s", rows / (seconds - outage), "{row}/s", null, "durable, without the time that the silo was away"),
            new Figure("upload_client_peak_mb_over_idle", _clientPeak, "MB", null, $"resident, of both clients, reading the rows included; must be under {Most}"),
            new Figure("upload_silo_peak_mb_over_idle", _siloPeak, "MB", null, $"resident, before and after it was killed, over {idle:0} MB; must be under {Most}"));
        return report with { IsBroken = held != rows || sentAgain > 0 || _clientPeak > Most || _siloPeak > Most };
    }

    // What is loaded once is loaded before anything is measured.
    private async Task<double> PrepareAsync()
    {
        await using ClusterConnection connection = await cluster.ConnectAsync(cancellationToken);
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), cancellationToken);
        await source.Task("small").AdaptAsync(GeneratedSource.Rows(32, seed: 1), cancellationToken);
        await ScaleCluster.CollectAsync(connection.Grains, cancellationToken);
        ProcessMemory.ResetPeak(cluster.Silo.Id);
        return ProcessMemory.Resident(cluster.Silo.Id);
    }

    private async Task<(int SiloKilledAt, int ClientKilledAt, double Outage)> BreakAsync(double idle)
    {
        await using UploadProcess first = UploadProcess.Start(options.Data, rows, cluster.Silo.Gateway);
        await first.ReachAsync(rows / 2, cancellationToken);
        int siloKilledAt = first.Durable.Last;
        _siloPeak = Math.Max(_siloPeak, ProcessMemory.Peak(cluster.Silo.Id) - idle);
        long killed = Stopwatch.GetTimestamp();
        await cluster.KillSiloAsync();
        await cluster.StartSiloAsync(cancellationToken);
        double outage = Stopwatch.GetElapsedTime(killed).TotalSeconds;
        await first.ReachAsync(rows / 4 * 3, cancellationToken);
        Note(first, idle);
        return (siloKilledAt, first.Durable.Last, outage);
    }

    private void Note(UploadProcess client, double idle)
    {
        _clientPeak = Math.Max(_clientPeak, client.Memory.Peak - client.Memory.Idle);
        _siloPeak = Math.Max(_siloPeak, ProcessMemory.Peak(cluster.Silo.Id) - idle);
    }
}
