using AdaptCluster.Client;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>What a silo says when its store was cut, lost or overwritten while it was stopped.</summary>
public sealed class StoreWatermarkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Log => _folder["store", "AOF", "aof.log.0"];

    private string Mark => _folder["store.mark"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_StoreUntouched_EverythingIsThere()
    {
        await WriteAsync();

        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);

        Assert.Equal(40, (await Source(silo).ListTaskNamesAsync()).Count);
        Assert.Equal(TargetTaskStatus.Ready, (await Source(silo).Task("t39").DescribeAsync()).Status);
    }

    [Fact]
    public async Task Start_LogIsCut_RefusedNamingTheMarkAndGoesOnWithoutIt()
    {
        await WriteAsync();
        using (FileStream log = File.Open(Log, FileMode.Open))
        {
            log.SetLength(log.Length / 3);
        }

        string noted = (await File.ReadAllTextAsync(Mark)).Split(' ')[0];
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));
        Assert.Matches(
            $"^the store in '{_folder["store"]}' has lost acknowledged writes \\(it ends at [0-9]+, it had reached {noted}\\); "
            + $"restore the data directory from a backup, or delete '{Mark}' to go on with what is left\\.$",
            error.Message);
        Assert.False(error.IsRetryable);

        File.Delete(Mark);
        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);
        int left = 0;
        await foreach (TaskDescription task in Source(silo).ListTasksAsync())
        {
            left += task.Status == TargetTaskStatus.Ready ? 1 : 0;
        }

        Assert.InRange(left, 0, 39);
    }

    [Fact]
    public async Task Start_LogIsDeleted_RefusedNamingTheMark()
    {
        await WriteAsync();
        File.Delete(Log);

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));

        Assert.Contains($"delete '{Mark}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WholeStoreIsDeleted_RefusedNamingTheMark()
    {
        await WriteAsync();
        Directory.Delete(_folder["store"], recursive: true);

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));

        Assert.Contains($"delete '{Mark}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_LogIsGarbage_RefusedAsDamagedOrLost()
    {
        await WriteAsync();
        byte[] garbage = new byte[new FileInfo(Log).Length];
        new Random(1).NextBytes(garbage);
        await File.WriteAllBytesAsync(Log, garbage);

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));

        Assert.Matches("is damaged|has lost acknowledged writes", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Start_MarkIsNotTwoNumbers_Refused()
    {
        await WriteAsync();
        await File.WriteAllTextAsync(Mark, "many");

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));

        Assert.Equal($"data directory '{_folder.Path}' is damaged: store.mark is not two numbers; restore it from a backup.", error.Message);
    }

    [Fact]
    public async Task Start_Refused_DirectoryIsFreeForAnother()
    {
        await WriteAsync();
        string mark = await File.ReadAllTextAsync(Mark);
        await File.WriteAllTextAsync(Mark, "9999999999");
        await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));

        await File.WriteAllTextAsync(Mark, mark);
        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);

        Assert.Equal(TargetTaskStatus.Ready, (await Source(silo).Task("t0").DescribeAsync()).Status);
    }

    [Fact]
    public async Task Describe_BytesFlippedInsideARecord_StoreExceptionForThatTaskOnly()
    {
        await WriteAsync();
        byte[] log = await File.ReadAllBytesAsync(Log);
        byte[] number = BitConverter.GetBytes(Silos.Rows(4, seed: 3).Inputs.Values[2]);
        int flipped = 0;
        for (int at = log.AsSpan().IndexOf(number); at >= 0; at = NextOf(log, number, at + 1))
        {
            log[at] ^= 1;
            flipped++;
        }

        Assert.InRange(flipped, 1, int.MaxValue);
        await File.WriteAllBytesAsync(Log, log);
        StoreException refused = await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));
        Assert.Equal(
            $"the store in '{_folder["store"]}' has lost acknowledged writes: aof.log.0 differs from what was written; "
            + $"restore the data directory from a backup, or delete '{_folder["store.sums"]}' to go on with what can be read.",
            refused.Message);

        File.Delete(_folder["store.sums"]);
        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => Source(silo).Task("t3").DescribeAsync());

        Assert.Equal(
            "targettask/default/source/t3: a record in the store is damaged (its checksum differs); restore the store from a backup.",
            error.Message);
        Assert.Equal(TargetTaskStatus.Ready, (await Source(silo).Task("t4").DescribeAsync()).Status);
    }

    [Fact]
    public async Task Start_ACheckpointHasCutTheLog_EverythingIsThere()
    {
        // 3,000 records of 58 KB are over the 128 MB at which the store takes a checkpoint and removes the first segments.
        const int tasks = 3_000;
        await using (AdaptSilo silo = await Silos.StartAsync(_folder.Path))
        {
            SourceHandle source = await Silos.RegisterAsync(silo);
            await Parallel.ForAsync(0, tasks, async (i, token) => await source.Task($"t{i}").ObserveAsync(Silos.Rows(3_600, seed: i), null, token));
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
            while (File.Exists(Log))
            {
                await poll.WaitForNextTickAsync(deadline.Token);
            }
        }

        await using AdaptSilo again = await Silos.StartAsync(_folder.Path);
        int whole = 0;
        await foreach (TaskDescription task in Source(again).ListTasksAsync())
        {
            whole += task.Observations == 3_600 ? 1 : 0;
        }

        Assert.Equal(tasks, whole);
    }

    // Replaying such bytes can end the process: they must be found before, wherever they are.
    [Fact]
    public async Task Start_LogIsOverwrittenAnywhere_RefusedBeforeItIsReplayed()
    {
        await WriteAsync();
        byte[] log = await File.ReadAllBytesAsync(Log);
        long noted = long.Parse((await File.ReadAllTextAsync(Mark)).Split(' ')[0]);
        byte[] garbage = new byte[500];
        for (int part = 0; part < 20; part++)
        {
            new Random(part).NextBytes(garbage);
            byte[] damaged = [.. log];
            garbage.CopyTo(damaged, 64 + ((noted - 64 - garbage.Length) * part / 19));
            await File.WriteAllBytesAsync(Log, damaged);

            StoreException error = await Assert.ThrowsAsync<StoreException>(() => Silos.StartAsync(_folder.Path));

            Assert.Contains("aof.log.0 differs from what was written", error.Message, StringComparison.Ordinal);
        }

        await File.WriteAllBytesAsync(Log, log);
        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);
        Assert.Equal(TargetTaskStatus.Ready, (await Source(silo).Task("t39").DescribeAsync()).Status);
    }

    private static int NextOf(byte[] log, byte[] number, int from)
    {
        int at = log.AsSpan(from).IndexOf(number);
        return at < 0 ? -1 : from + at;
    }

    private static SourceHandle Source(AdaptSilo silo) => new AdaptClient(silo.Grains).Source("source");

    private async Task WriteAsync()
    {
        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);
        SourceHandle source = await Silos.RegisterAsync(silo);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => source.Task($"t{i}").AdaptAsync(Silos.Rows(4, seed: i))));
    }
}
