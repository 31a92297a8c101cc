namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>
/// How much may be allocated for one file: twice its size, and 64 MiB. Everything whose amount a file decides is taken from it before
/// it is allocated: the objects of its messages, what nodes become, known numbers, the network's values.
/// </summary>
/// <remarks>
/// The tests hold everything that is allocated, garbage too, against this; the peak is below. The constant is for the descriptions of about
/// ten thousand nodes, which are larger than their bytes in the file; of a large file the weights are the most.
/// </remarks>
internal sealed class ImportBudget(ModelErrors errors, long fileBytes)
{
    /// <summary>What any file may take.</summary>
    internal const long Constant = 64L << 20;

    /// <summary>What a node of the file becomes, beside its message.</summary>
    internal const long FileNode = 2048;

    /// <summary>What a node of the network takes.</summary>
    internal const long NetworkNode = 1536;

    /// <summary>What a known number takes, with the lists that it passes through.</summary>
    internal const long KnownNumber = 64;

    private long _left = (2 * fileBytes) + Constant;

    /// <summary>Takes bytes that are about to be allocated.</summary>
    /// <exception cref="Formats.ModelFileException">There are not as many left.</exception>
    internal void Take(long bytes)
    {
        _left -= bytes;
        if (_left < 0)
        {
            throw errors.Of(
                null,
                $"reading it would take more than twice its size of {fileBytes} bytes in memory",
                "it holds almost nothing but descriptions: export the network again, with its weights as raw data and without copies");
        }
    }
}
