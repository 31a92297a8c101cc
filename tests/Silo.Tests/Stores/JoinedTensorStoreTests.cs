using System.Security.Cryptography;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>A silo that has joined another's store keeps and reads that one's tensor files.</summary>
public sealed class JoinedTensorStoreTests : IDisposable
{
    private static readonly TensorScope s_scope = new("observations/of-a-test", IsDurable: true);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PutAndGet_OfAnySize_SameBytesInTheFolderOfTheFirst()
    {
        await using AdaptSilo first = await StartAsync();
        await using AdaptSilo second = await JoinAsync(first);
        ITensorStore own = first.Services.GetRequiredService<ITensorStore>(), joined = second.Services.GetRequiredService<ITensorStore>();

        // Nothing, one message, exactly one, one byte more, several.
        foreach (int bytes in (int[])[0, 1000, 4 << 20, (4 << 20) + 1, 9 << 20])
        {
            byte[] content = new byte[bytes];
            new Random(bytes).NextBytes(content);

            string hash = await joined.PutAsync(s_scope, content, Token);

            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), hash);
            Assert.Equal(content, await own.GetAsync(s_scope, hash, Token));
            Assert.Equal(content, await joined.GetAsync(s_scope, hash, Token));
            await joined.DeleteAsync(s_scope, hash, Token);
            StoreException missing = await Assert.ThrowsAsync<StoreException>(() => joined.GetAsync(s_scope, hash, Token));
            Assert.Contains("is missing; restore it from a backup", missing.Message, StringComparison.Ordinal);
            Assert.False(missing.IsRetryable);
        }

        Assert.DoesNotContain(_folder.Entries(), entry => entry.Contains("staging/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_FileWasChanged_ErrorThatSaysDamaged()
    {
        await using AdaptSilo first = await StartAsync();
        await using AdaptSilo second = await JoinAsync(first);
        ITensorStore joined = second.Services.GetRequiredService<ITensorStore>();
        string hash = await joined.PutAsync(s_scope, new byte[100], Token);
        await File.WriteAllBytesAsync(_folder["data", "tensors", s_scope.Path, $"{hash}.safetensors"], new byte[99], Token);

        StoreException damaged = await Assert.ThrowsAsync<StoreException>(() => joined.GetAsync(s_scope, hash, Token));

        Assert.Contains("is damaged (its checksum differs)", damaged.Message, StringComparison.Ordinal);
        Assert.False(damaged.IsRetryable);
    }

    [Fact]
    public async Task DiskSpace_OfASiloThatHasJoined_IsThatOfTheFirst()
    {
        await using AdaptSilo first = await StartAsync();
        await using AdaptSilo second = await JoinAsync(first);

        // What one silo has noted the other has read a second later; other processes use the disk meanwhile.
        const double tolerance = 1L << 30;
        await Eventually.HoldsAsync(() => Task.FromResult(
            Math.Abs(second.Services.GetRequiredService<DiskSpace>().Free - (double)first.Services.GetRequiredService<DiskSpace>().Free) < tolerance));
    }

    private Task<AdaptSilo> StartAsync()
    {
        var settings = new SiloSettings { DataDirectory = _folder["data"], StorePort = 0, Role = SiloRole.Private, Device = new DeviceOptions { Threads = 1 } };
        DataDirectory directory = DataDirectory.TryOpen(_folder["data"], SiloRole.Private) ?? throw new InvalidOperationException("It is in use.");
        return AdaptSilo.StartAsync(settings, directory, Token);
    }

    private static Task<AdaptSilo> JoinAsync(AdaptSilo first) => AdaptSilo.StartJoinedAsync(
        new SiloSettings { Join = first.Store.Split("store ")[^1], Role = SiloRole.Private, Device = new DeviceOptions { Threads = 1 } }, Token);
}
