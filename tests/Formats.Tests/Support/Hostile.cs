namespace AdaptCluster.Formats.Tests.Support;

/// <summary>What every reader promises about every content.</summary>
internal static class Hostile
{
    private const long Constant = 1 << 20;

    /// <summary>Reads and requires a result or a <see cref="ModelFileException"/>, and bounded memory; the error, if any.</summary>
    public static ModelFileException? Read(byte[] bytes, Action<ReadOnlyMemory<byte>> read, long constant = Constant)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFileException? error = null;
        try
        {
            read(bytes);
        }
        catch (ModelFileException found)
        {
            error = found;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= (2L * bytes.Length) + constant, $"{allocated} bytes for a file of {bytes.Length}");
        if (error is not null)
        {
            Assert.DoesNotContain(error.Message, char.IsControl);
            Assert.EndsWith($": {error.Problem}; {error.Remedy}.", error.Message, StringComparison.Ordinal);
        }

        return error;
    }

    /// <summary>Reads what must be refused; the error.</summary>
    public static ModelFileException Refused(byte[] bytes, Action<ReadOnlyMemory<byte>> read, long constant = Constant)
    {
        ModelFileException? error = Read(bytes, read, constant);
        Assert.NotNull(error);
        return error;
    }
}
