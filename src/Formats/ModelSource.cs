namespace AdaptCluster.Formats;

/// <summary>A file that is being read: its bytes, its name for errors, and what may be allocated for it.</summary>
internal sealed class ModelSource(ReadOnlyMemory<byte> bytes, string file)
{
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public string File { get; } = file ?? throw new ArgumentNullException(nameof(file));

    public MemoryBudget Budget { get; } = new(file, bytes.Length);

    /// <summary>The error that something in the file is.</summary>
    public ModelFileException Wrong(string? where, string problem, string remedy = Remedies.CopyAgain, Exception? cause = null) =>
        new(File, where, problem, remedy, cause);
}
