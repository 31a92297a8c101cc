using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Tests.Support;
using AdaptCluster.Tests.Shared;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>Which servers and folders a silo takes.</summary>
public sealed class RedisSiloStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OpenAsync_ServerKeepsWhatItAcknowledges_FolderIsCreatedAndNamed()
    {
        await using RedisServer redis = await StartAsync();

        await using RedisSiloStore store = await RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current);
        await using RedisSiloStore second = await RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current);

        Assert.Equal(_folder["tensors"], store.TensorPath);
        Assert.Equal($"tensors {_folder["tensors"]}", second.Description);
        Assert.Equal(["tensors", "tensors/store.id"], _folder.Entries());
    }

    [Fact]
    public async Task OpenAsync_ServerOfDefaultSettings_RefusedUnlessAllowed()
    {
        await using RedisServer redis = await StartAsync(durable: false);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current));

        Assert.Equal(
            $"--redis: {redis.Address} would lose acknowledged writes (appendonly is no, appendfsync is everysec); "
            + "set 'appendonly yes', 'appendfsync always' in its configuration, or accept the loss with --allow-volatile-store.",
            error.Message);
        Assert.Empty(_folder.Entries());
        await using RedisSiloStore allowed = await RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: true, BuildDescription.Current);
    }

    [Theory]
    [InlineData("maxmemory-policy", "allkeys-lru")]
    [InlineData("no-appendfsync-on-rewrite", "yes")]
    [InlineData("appendfsync", "no")]
    public async Task OpenAsync_ServerThatMayDropWrites_RefusedWithTheSetting(string name, string value)
    {
        await using RedisServer redis = await StartAsync();
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await connection.GetDatabase().ExecuteAsync("CONFIG", "SET", name, value);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current));

        Assert.Contains($"would lose acknowledged writes ({name} is {value}); set '{name} ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_ServerThatDoesNotTell_Refused()
    {
        await using RedisServer redis = await StartAsync();
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await connection.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "-config");

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current));

        Assert.Contains("(appendonly is not told, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_ServerWentBackInTime_RefusedUntilThatIsAccepted()
    {
        await using RedisServer redis = await StartAsync();
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await using (await RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current))
        {
            var watermark = new RedisWatermark(connection, _folder["tensors"], TimeProvider.System);
            await watermark.NoteAsync();
            await watermark.NoteAsync();
        }

        await using (await RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current))
        {
            // As it was: taken.
        }

        await connection.GetDatabase().StringSetAsync("adapt/count", 1);
        StoreException error = await Assert.ThrowsAsync<StoreException>(
            () => RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current));

        Assert.Equal(
            $"the Redis server has lost acknowledged writes (it has counted to 1, '{_folder["tensors", "store.count"]}' says 2): it went back in time; "
            + "restore its newest log, or delete that file to go on with what it has.",
            error.Message);
        File.Delete(_folder["tensors", "store.count"]);
        await using RedisSiloStore accepted = await RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current);
    }

    [Fact]
    public async Task OpenAsync_NobodyListens_RetryableErrorNamesTheServer()
    {
        StoreException error = await Assert.ThrowsAsync<StoreException>(
            () => RedisSiloStore.OpenAsync("127.0.0.1:1", _folder["tensors"], allowVolatile: false, BuildDescription.Current));

        Assert.Equal("the Redis server 127.0.0.1:1 of --redis does not answer; start it or check the address, then try again.", error.Message);
        Assert.True(error.IsRetryable);
        Assert.Empty(_folder.Entries());
    }

    [Fact]
    public async Task OpenAsync_OtherFolderThanItsPeers_RefusedAndUntouched()
    {
        await using RedisServer redis = await StartAsync();
        await using RedisSiloStore store = await RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => RedisSiloStore.OpenAsync(redis.Address, _folder["other"], allowVolatile: false, BuildDescription.Current));

        Assert.Equal(
            $"--tensors: '{_folder["other"]}' is not the folder of this Redis server's other silos; name the folder that they use.", error.Message);
        Assert.False(Directory.Exists(_folder["other"]));
    }

    [Fact]
    public async Task OpenAsync_FirstSilosStartTogether_AgreeOnOneFolder()
    {
        await using RedisServer redis = await StartAsync();

        RedisSiloStore[] stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Task.Run(() => RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current), Token)));

        Assert.Equal(["tensors", "tensors/store.id"], _folder.Entries());
        foreach (RedisSiloStore store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task OpenAsync_FolderIsAFile_Refused()
    {
        await using RedisServer redis = await StartAsync();
        await File.WriteAllTextAsync(_folder["tensors"], "no folder", Token);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => RedisSiloStore.OpenAsync(redis.Address, _folder["tensors"], allowVolatile: false, BuildDescription.Current));

        Assert.StartsWith($"--tensors: '{_folder["tensors"]}' cannot be used (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; name a folder that this user may write.", error.Message, StringComparison.Ordinal);
    }

    private static Task<RedisServer> StartAsync(bool durable = true)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        return RedisServer.StartAsync(durable, Token);
    }
}
