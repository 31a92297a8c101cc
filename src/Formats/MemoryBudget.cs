namespace AdaptCluster.Formats;

/// <summary>
/// How much a reader may allocate for one file: twice the file's size, and 16 MB. Everything whose amount a file decides is
/// taken from it before it is allocated, so that a small file cannot ask for much memory, whatever it claims.
/// </summary>
/// <remarks>
/// The constant is for honest files of ten thousand tensors of a few bytes each, whose descriptions, about a kilobyte per
/// tensor, are larger than the file. Of any other file the descriptions are a small part.
/// </remarks>
internal sealed class MemoryBudget(string file, long fileBytes)
{
    /// <summary>About what an object with a few fields takes.</summary>
    public const int Object = 64;

    /// <summary>What any file may take, in bytes.</summary>
    public const int Constant = 16 << 20;

    private long _left = (2 * fileBytes) + Constant;

    /// <summary>Takes bytes that are about to be allocated.</summary>
    /// <exception cref="ModelFileException">There are not as many left.</exception>
    public void Take(long bytes)
    {
        _left -= bytes;
        if (_left < 0 || bytes < 0)
        {
            throw new ModelFileException(
                file,
                null,
                $"reading it would take more than twice its size of {fileBytes} bytes in memory",
                "save its tensors alone, each contiguous: torch.save({name: tensor.contiguous() ...}, file), or as safetensors");
        }
    }

    /// <summary>Takes what a string of some characters allocates.</summary>
    /// <exception cref="ModelFileException">There is not as much left.</exception>
    public void TakeText(long characters) => Take(24 + (2 * characters));
}
