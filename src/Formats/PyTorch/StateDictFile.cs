using AdaptCluster.Formats.Tensors;
using AdaptCluster.Formats.Zip;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>
/// The weights in files of <c>torch.save(model.state_dict(), file)</c> and in checkpoints, in the zip format of PyTorch 1.6
/// and later. The pickle in them is read, not run.
/// </summary>
/// <remarks>
/// Where the file is a dictionary with a dictionary <c>state_dict</c>, or else <c>model</c>, that one is read and the rest
/// ignored. Dictionaries in dictionaries are flattened: <c>{"encoder": {"weight": t}}</c> gives <c>encoder.weight</c>. Values
/// that are not tensors are ignored. Tensors that are not contiguous are copied, all others are views of the file; tied
/// tensors are views of the same bytes. Not read: sparse, quantized and complex tensors, tensor subclasses, whole modules,
/// files of big-endian machines.
/// </remarks>
public static class StateDictFile
{
    /// <summary>Reads and checks a file.</summary>
    /// <param name="bytes">The whole file, which must not change while the tensors are in use.</param>
    /// <param name="file">The file as errors name it.</param>
    /// <returns>The tensors, in the order in which the dictionary has them; at least one.</returns>
    /// <exception cref="ModelFileException">
    /// The file is cut off, damaged or of another kind, refers to anything but the parts of dense tensors, or holds none.
    /// </exception>
    public static IReadOnlyList<NamedTensor> Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        var source = new ModelSource(bytes, file);
        PyTorchArchive.RequireZip(source, Remedies.SaveStateDict);
        var directory = ZipDirectory.Read(source);
        string root = PyTorchArchive.RootOf(directory) ?? throw NoStateDict(source);
        if (PyTorchArchive.IsScript(directory, root))
        {
            throw source.Wrong(null, "it is a TorchScript archive, not a state dictionary", Remedies.SaveStateDict);
        }

        var archive = StoredZip.Read(directory, DeflatedEntries.Refuse);
        string entry = $"{root}/data.pkl";
        if (!archive.TryFind(entry, out ReadOnlyMemory<byte> content))
        {
            throw NoStateDict(source);
        }

        RequireLittleEndian(archive, root, source);
        var pickle = new PickleBytes(content, source, entry);
        PickleValue top = new PickleReader(pickle, source.Budget).Read();
        return new StateDictTree(pickle, new PickleStorages(archive, root, pickle, source), source).Collect(top);
    }

    /// <summary>Files of PyTorch 2 name the byte order; before that, all machines that were in use had the same.</summary>
    private static void RequireLittleEndian(StoredZip archive, string root, ModelSource source)
    {
        if (archive.TryFind($"{root}/byteorder", out ReadOnlyMemory<byte> order) && !order.Span.SequenceEqual("little"u8))
        {
            throw source.Wrong(
                $"entry {Quote.One($"{root}/byteorder")}",
                "its numbers are not little-endian",
                "load it with torch on a little-endian machine and save it there");
        }
    }

    private static ModelFileException NoStateDict(ModelSource source) =>
        source.Wrong(null, "it is a zip archive that torch.save did not write: it has no data.pkl", Remedies.SaveStateDict);
}
