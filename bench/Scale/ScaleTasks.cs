using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Sources;

namespace AdaptCluster.Bench.Scale;

/// <summary>Many small tasks in one silo: created, asked, evicted, asked again, and the same after everything was killed.</summary>
internal sealed class ScaleTasks(int count, ScaleCluster cluster, CancellationToken cancellationToken)
{
    private const double Megabyte = 1 << 20;
    private const double MostStored = 8_192;
    private const double LongestStart = 15;

    /// <summary>Tasks that load what is loaded once.</summary>
    private const int Warm = 64;

    /// <summary>Tasks that are active at a time where memory is measured.</summary>
    private const int Wave = 20_000;

    private readonly TaskFleet _fleet = new(count);
    private readonly List<Figure> _figures = [];
    private bool _isBroken;

    public static async Task<ScenarioReport> RunAsync(int count, bool embedded, CancellationToken cancellationToken)
    {
        await using ScaleCluster cluster = await ScaleCluster.StartAsync(embedded, cancellationToken);
        return await new ScaleTasks(count, cluster, cancellationToken).RunAsync();
    }

    private async Task<ScenarioReport> RunAsync()
    {
        string where = cluster.IsEmbedded ? "one silo over its embedded store" : "one silo over a Redis server";
        Add("tasks", count, "{task}", $"of {TaskFleet.Rows} rows, 13 inputs, p = 5,121; {where}");
        int wrong = await CreateAsync();
        wrong += await RestartAsync();
        _figures.Add(new Figure("predict_again_wrong", wrong, "{prediction}", 0, "not what the task said first, after it was evicted and after everything was killed"));
        return ScenarioReport.Of("scale tasks", [.. _figures]) with { IsBroken = _isBroken || wrong + _fleet.Failed > 0 };
    }

    private async Task<int> CreateAsync()
    {
        await using ClusterConnection connection = await cluster.ConnectAsync(cancellationToken);
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), cancellationToken);
        SourceHandle warm = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains, "warm"), cancellationToken);
        await new TaskFleet(Warm).CreateAsync(warm, cancellationToken);
        await ScaleCluster.CollectAsync(connection.Grains, cancellationToken);
        double idle = ProcessMemory.Resident(cluster.Silo.Id);
        (double memory, double disk) = await cluster.StoredAsync(compacted: true);
        (double adapting, double asking) = await _fleet.CreateAsync(source, cancellationToken);
        Add("create_per_s", count / adapting, "1/s", $"created and adapted, durable, by one client; then each predicted at once, {count / asking:N0} a second; {_fleet.Failed} failed {_fleet.Failure}");
        (double memoryThen, double diskThen) = await cluster.StoredAsync(compacted: false);
        (_, double diskCompacted) = await cluster.StoredAsync(compacted: true);
        AddStored((memoryThen - memory) / count, (diskThen - disk) / count, (diskCompacted - disk) / count);
        int wrong = _fleet.Verify();
        double peak = ProcessMemory.Peak(cluster.Silo.Id), before = ProcessMemory.Resident(cluster.Silo.Id);
        int active = await ScaleCluster.CollectAsync(connection.Grains, cancellationToken);
        double after = ProcessMemory.Resident(cluster.Silo.Id);
        Add("create_silo_peak_mb", peak, "MB", $"{idle:0} before the first task, {before:0} at the end of creation, {after:0} when {count - active:N0} of them were evicted: the posteriors that stay warm have up to 1 GiB");
        (int different, double seconds) = await _fleet.AskAgainAsync(source, cancellationToken);
        Add("predict_again_per_s", count / seconds, "1/s", "by 64 callers, after eviction: read and computed again where it was not warm any more");
        Say($"asked again in {seconds:0} s, {different} wrong, {wrong} not the mathematics'");
        return wrong + different;
    }

    private async Task<int> RestartAsync()
    {
        await cluster.KillAllAsync();
        long started = Stopwatch.GetTimestamp();
        await cluster.StartAllAsync(cancellationToken);
        double ready = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await using ClusterConnection connection = await cluster.ConnectAsync(cancellationToken);
        SourceHandle source = new AdaptClient(connection.Grains).Source(GeneratedSource.Name);
        await TaskFleet.AskFirstAsync(source, cancellationToken);
        double answered = Stopwatch.GetElapsedTime(started).TotalSeconds;
        _isBroken |= answered > LongestStart;
        Add("restart_ready_s", answered, "s", $"from the start of what was killed (-9) until a task had answered a client; the silo said ready after {ready:0.0}; must be under {LongestStart}");
        started = Stopwatch.GetTimestamp();
        int listed = (await source.ListTaskNamesAsync(cancellationToken)).Count;
        Add("list_s", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", $"{listed:N0} names of {count:N0} tasks");

        await ScaleCluster.CollectAsync(connection.Grains, cancellationToken);
        double idle = ProcessMemory.Resident(cluster.Silo.Id);
        await MeasureMemoryAsync(connection, source, idle);
        (int wrong, double seconds) = await _fleet.AskAgainAsync(source, cancellationToken);
        Say($"asked again after the restart in {seconds:0} s, {wrong} wrong");
        return wrong + (count - Math.Min(count, listed));
    }

    // Some at a time, as customers come: what the largest number at once took stays with the process as free memory.
    private async Task MeasureMemoryAsync(ClusterConnection connection, SourceHandle source, double idle)
    {
        double seconds = 0, active = 0, evicted = idle;
        int left = 0, wave = Math.Min(count, Wave);
        for (int first = 0; first < count; first += Wave)
        {
            long started = Stopwatch.GetTimestamp();
            await TaskFleet.TouchAsync(source, first, Math.Min(Wave, count - first), cancellationToken);
            seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
            await ScaleCluster.CollectGarbageAsync(connection.Grains, cancellationToken);
            active = Math.Max(active, ProcessMemory.Resident(cluster.Silo.Id) - idle);
            left = await ScaleCluster.CollectAsync(connection.Grains, cancellationToken);
            evicted = ProcessMemory.Resident(cluster.Silo.Id);
        }

        Add("memory_bytes_per_idle_task", active * Megabyte / wave, "By", $"resident, read and not yet evicted, nothing of it computed; {wave:N0} at a time, read {count / seconds:N0} a second");
        Add("memory_bytes_per_evicted_task", (evicted - idle) * Megabyte / count, "By", $"resident, after all were read and evicted, {wave:N0} at a time: {evicted - idle:0} MB over {idle:0}; {left} were still active");
    }

    private void AddStored(double memory, double disk, double compacted)
    {
        string rows = $"the rows alone are {TaskFleet.Rows * 14 * sizeof(double):N0}";
        if (cluster.IsEmbedded)
        {
            Add("stored_bytes_per_task", disk, "By", $"of the store's files; {rows}; must be under {MostStored:N0}");
            return;
        }

        _isBroken |= memory > MostStored;
        Add("stored_bytes_per_task", memory, "By", $"of the server's memory; {rows}; must be under {MostStored:N0}");
        Add("stored_log_bytes_per_task", compacted, "By", $"of the server's log after it was rewritten; {disk:N0} before");
    }

    // Said at once too: a full run takes minutes.
    private void Add(string name, double value, string unit, string note)
    {
        _figures.Add(new Figure(name, value, unit, null, note));
        Say($"{name} {value:G5} {unit}: {note}");
    }

    private static void Say(string line) => Console.Error.WriteLine($"scale: {line}");
}
