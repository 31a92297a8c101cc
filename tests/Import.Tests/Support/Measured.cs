using AdaptCluster.Formats;
using AdaptCluster.Import.Onnx;

namespace AdaptCluster.Import.Tests.Support;

/// <summary>Imports of what nobody should trust.</summary>
internal static class Measured
{
    // Beside what the file decides: dictionaries of a message's types, the first call of everything.
    private const long Slack = 1 << 20;

    /// <summary>
    /// Imports; the network, or null where it was refused. Any other exception fails. What is measured is everything that was
    /// allocated on the way, garbage too, which bounds the peak from above.
    /// </summary>
    public static ImportedNetwork? Import(byte[] bytes, Func<string, ReadOnlyMemory<byte>>? external = null)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ImportedNetwork? network = null;
        try
        {
            network = OnnxImporter.Import(bytes, "hostile.onnx", external);
        }
        catch (ModelFileException error)
        {
            Assert.StartsWith("hostile.onnx", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2L * bytes.Length) + (64 << 20) + Slack);
        return network;
    }

    /// <summary>The refusal of a file.</summary>
    public static ModelFileException Refusal(byte[] bytes, Func<string, ReadOnlyMemory<byte>>? external = null) =>
        Assert.Throws<ModelFileException>(() => OnnxImporter.Import(bytes, "hostile.onnx", external));
}
