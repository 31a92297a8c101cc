namespace AdaptCluster.Grains.Tests.Support;

/// <summary>A new folder that is removed at the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("adapt-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
