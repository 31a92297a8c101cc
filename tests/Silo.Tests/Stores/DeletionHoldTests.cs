using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>What is deleted while somebody copies is gone for readers, and still there for the copy.</summary>
public sealed class DeletionHoldTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AdaptInstruments _instruments = new();
    private readonly DeletionHold _hold;
    private readonly DirectoryTensorStore _store;
    private readonly DirectoryTensorArchive _archive;

    public DeletionHoldTests()
    {
        var disk = new DiskSpace(_folder.Path);
        _hold = new DeletionHold(_folder["tensors"], TimeProvider.System);
        _store = new DirectoryTensorStore(_folder["tensors"], disk, _hold, _instruments);
        _archive = new DirectoryTensorArchive(_folder["tensors"], _hold, disk);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public async Task Delete_WhileHeld_GoneForReadersListedForTheCopyAndSweptAfterwards()
    {
        var task = TensorScope.Observations(new("tenant", "source", "task"));
        string model = await _store.PutAsync(TensorScope.Models, new byte[] { 1, 2, 3 }, Token), rows = await _store.PutAsync(task, new byte[] { 4, 5 }, Token);
        string[] names = [$"models/{model}.safetensors", $"{task.Path}/{rows}.safetensors"];
        await using (await _archive.HoldAsync(Token))
        {
            await _store.DeleteAsync(TensorScope.Models, model, Token);
            await _store.DeleteAllAsync(task, Token);
            _hold.Sweep();

            await Assert.ThrowsAsync<StoreException>(() => _store.GetAsync(TensorScope.Models, model, Token));
            await Assert.ThrowsAsync<StoreException>(() => _store.GetAsync(task, rows, Token));
            Assert.Equal(names, _archive.List().Select(file => file.Name).Order(StringComparer.Ordinal));
            (string path, _) = _archive.List().Single(file => file.Name == names[1]);
            Assert.Equal([4, 5], await _archive.ReadAsync(path, 0, 100, Token));

            // Kept again, and listed once.
            Assert.Equal(rows, await _store.PutAsync(task, new byte[] { 4, 5 }, Token));
            Assert.Equal(names, _archive.List().Select(file => file.Name).Order(StringComparer.Ordinal));
        }

        _hold.Sweep();
        Assert.Equal([names[1]], _archive.List().Select(file => file.Name));
        Assert.DoesNotContain(_folder.Entries(), entry => entry.Contains(DeletionHold.Mark, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_NobodyHolds_Removed()
    {
        string model = await _store.PutAsync(TensorScope.Models, new byte[] { 1, 2, 3 }, Token);
        await File.WriteAllTextAsync(_folder["tensors", "backup.hold"], string.Empty, Token);
        File.SetLastWriteTimeUtc(_folder["tensors", "backup.hold"], DateTime.UtcNow.AddMinutes(-2));

        await _store.DeleteAsync(TensorScope.Models, model, Token);
        await _store.DeleteAsync(TensorScope.Models, model, Token);

        Assert.Empty(_archive.List());
        Assert.DoesNotContain(_folder.Entries(), entry => entry.Contains(DeletionHold.Mark, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("models/../../x.safetensors")]
    [InlineData("models/short.safetensors")]
    public async Task WriteAsync_PathOfNoTensor_Refused(string path) =>
        await Assert.ThrowsAsync<InvalidInputException>(() => _archive.WriteAsync(path, 0, new byte[] { 1 }, isLast: true, Token));
}
