using AdaptCluster.Formats.Zip;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>TorchScript archives (<c>torch.jit.save</c>). What is in them is libtorch's to read, which trusts its input: this checks it first.</summary>
public static class ScriptArchive
{
    /// <summary>Checks that bytes are a whole TorchScript archive: every entry in its place and matching its CRC-32.</summary>
    /// <remarks>
    /// The program text, the one part that PyTorch compresses, is inflated a little at a time to be checked, and may be 64 MB.
    /// Nothing of it is run or understood: whoever runs an archive runs what its author wrote.
    /// </remarks>
    /// <param name="bytes">The whole file.</param>
    /// <param name="file">The file as errors name it.</param>
    /// <exception cref="ModelFileException">They are not, or they are damaged.</exception>
    public static void Check(ReadOnlyMemory<byte> bytes, string file)
    {
        var source = new ModelSource(bytes, file);
        PyTorchArchive.RequireZip(source, Remedies.SaveScript);
        var directory = ZipDirectory.Read(source);
        StoredZip.Read(directory, DeflatedEntries.Check);
        if (PyTorchArchive.RootOf(directory) is not string root || !PyTorchArchive.IsScript(directory, root))
        {
            throw source.Wrong(
                null, "it is a zip archive without TorchScript's constants.pkl and code", Remedies.SaveScript);
        }
    }
}
