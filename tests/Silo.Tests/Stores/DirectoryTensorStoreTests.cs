using System.Security.Cryptography;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.Stores;

public sealed class DirectoryTensorStoreTests : IDisposable
{
    private static readonly byte[] Content = [1, 2, 3, 4, 5, 6, 7, 8];

    private readonly TemporaryFolder _folder = new();
    private readonly AdaptInstruments _instruments = new();
    private readonly DirectoryTensorStore _store;

    public DirectoryTensorStoreTests() => _store = new DirectoryTensorStore(
        _folder["tensors"], new DiskSpace(_folder.Path), new DeletionHold(_folder["tensors"], TimeProvider.System), _instruments);

    public void Dispose()
    {
        _instruments.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Scopes => new("models", "staging", "observations");

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task PutAsync_Content_NamedByItsHashAndReadBack(string kind)
    {
        TensorScope scope = Scope(kind);

        string hash = await _store.PutAsync(scope, Content, default);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Content)), hash);
        Assert.Equal(Content, await _store.GetAsync(scope, hash, default));
        Assert.Equal([$"{hash}.safetensors"], Directory.GetFiles(FolderOf(scope)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task PutAsync_SameContentAgainAndManyTimesAtOnce_OneFile()
    {
        string[] hashes = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(() => _store.PutAsync(TensorScope.Models, Content, default))));

        Assert.Single(hashes.Distinct());
        Assert.Single(Directory.GetFiles(FolderOf(TensorScope.Models)));
        Assert.Equal(Content, await _store.GetAsync(TensorScope.Models, hashes[0], default));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(7)]
    [InlineData(0)]
    public async Task GetAsync_FileIsDamaged_SaidAndMendedByPuttingItAgain(int length)
    {
        string hash = await _store.PutAsync(TensorScope.Models, Content, default);
        string path = Path.Combine(FolderOf(TensorScope.Models), $"{hash}.safetensors");
        byte[] damaged = Content[..length];
        damaged.AsSpan(Math.Min(3, length)).Fill(99);
        await File.WriteAllBytesAsync(path, damaged);

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => _store.GetAsync(TensorScope.Models, hash, default));
        Assert.Equal($"'{path}' is damaged (its checksum differs); restore it from a backup.", error.Message);
        Assert.False(error.IsRetryable);

        await _store.PutAsync(TensorScope.Models, Content, default);
        Assert.Equal(Content, await _store.GetAsync(TensorScope.Models, hash, default));
    }

    [Fact]
    public async Task GetAsync_FileIsMissing_Said()
    {
        string hash = new('0', 64);

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => _store.GetAsync(TensorScope.Models, hash, default));

        Assert.Equal(
            $"'{Path.Combine(FolderOf(TensorScope.Models), $"{hash}.safetensors")}' is missing; restore it from a backup.", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../etc/passwd")]
    [InlineData("ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789")]
    public async Task GetAsync_NotAHash_Refused(string hash)
    {
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => _store.GetAsync(TensorScope.Models, hash, default));

        Assert.Equal($"content hash: '{hash}' is none; send the hash that the upload returned.", error.Message);
    }

    [Fact]
    public async Task DeleteAllAsync_OneScope_TheOthersStay()
    {
        TensorScope one = TensorScope.Observations(new TaskKey("t", "s", "one")), two = TensorScope.Observations(new TaskKey("t", "s", "two"));
        string hash = await _store.PutAsync(one, Content, default);
        await _store.PutAsync(two, Content, default);

        await _store.DeleteAllAsync(one, default);
        await _store.DeleteAllAsync(one, default);

        await Assert.ThrowsAsync<StoreException>(() => _store.GetAsync(one, hash, default));
        Assert.Equal(Content, await _store.GetAsync(two, hash, default));
    }

    [Fact]
    public async Task Sweep_UploadsOlderThanADay_GoAndNothingElse()
    {
        TensorScope staging = TensorScope.Staging(Guid.NewGuid());
        string hash = await _store.PutAsync(staging, Content, default);
        await _store.PutAsync(TensorScope.Models, Content, default);
        DateTimeOffset now = DateTimeOffset.UtcNow;

        _store.Sweep(now.AddHours(23));
        Assert.Equal(Content, await _store.GetAsync(staging, hash, default));
        _store.Sweep(now.AddHours(25));

        await Assert.ThrowsAsync<StoreException>(() => _store.GetAsync(staging, hash, default));
        Assert.Equal(Content, await _store.GetAsync(TensorScope.Models, hash, default));
    }

    [Fact]
    public void Sweep_NothingWasEverStaged_Nothing()
    {
        _store.Sweep(DateTimeOffset.UtcNow);

        Assert.Empty(_folder.Entries());
    }

    [Fact]
    public async Task PutAsync_Cancelled_LeavesNoFile()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.PutAsync(TensorScope.Models, Content, cancel.Token));

        Assert.Equal(["tensors", Path.Combine("tensors", "models")], _folder.Entries());
    }

    [Fact]
    public async Task PutAsync_FolderCannotBeMade_StoreException()
    {
        File.WriteAllText(_folder["tensors"], "in the way");

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => _store.PutAsync(TensorScope.Models, Content, default));

        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsRetryable);
    }

    private static TensorScope Scope(string kind) => kind switch
    {
        "models" => TensorScope.Models,
        "staging" => TensorScope.Staging(Guid.Parse("00000000-0000-0000-0000-000000000001")),
        _ => TensorScope.Observations(new TaskKey("../t", "s/", "..")),
    };

    private string FolderOf(TensorScope scope) => _folder["tensors", scope.Path];
}
