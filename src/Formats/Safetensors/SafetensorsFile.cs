using System.Collections.Frozen;
using System.Text;
using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Formats.Safetensors;

/// <summary>
/// The safetensors format: eight bytes of header length, a JSON header with dtype, shape and offsets by name, then the
/// raw little-endian tensors. See the format's description at the huggingface/safetensors project.
/// </summary>
/// <remarks>
/// Deviations: tensors have at most <see cref="NamedTensor.MaxRank"/> dimensions; types other than those of
/// <see cref="ElementType"/> (8-bit floats, unsigned integers of more than 8 bits, complex numbers) are refused; what is
/// written keeps the order it is given, where the reference implementation sorts by type and name.
/// </remarks>
public sealed class SafetensorsFile
{
    /// <summary>The one name that no tensor can have.</summary>
    internal const string MetadataKey = "__metadata__";

    /// <summary>The largest header, as in the reference implementation.</summary>
    internal const int MaxHeaderBytes = 100_000_000;

    /// <summary>A file of some tensors.</summary>
    /// <param name="tensors">The tensors, in the order in which they are written.</param>
    /// <param name="metadata">Free text by name.</param>
    /// <exception cref="ArgumentException">
    /// Two tensors have one name, a name is not Unicode or <c>__metadata__</c>, or they are too large for one array.
    /// </exception>
    public SafetensorsFile(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        : this(tensors, metadata ?? FrozenDictionary<string, string>.Empty, isChecked: false)
    {
    }

    private SafetensorsFile(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata, bool isChecked)
    {
        Tensors = tensors;
        Metadata = metadata;
        if (!isChecked)
        {
            RequireWritable();
        }
    }

    /// <summary>The tensors, in the order of the header.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>Free text by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads and checks a file; the tensors are views of it.</summary>
    /// <param name="bytes">The whole file, which must not change while the tensors are in use.</param>
    /// <param name="file">The file as errors name it.</param>
    /// <exception cref="ModelFileException">
    /// It is cut off or damaged: the header is no such JSON, names one tensor twice, or its offsets do not cover the rest of
    /// the file exactly once; or a tensor is of a type that is not read.
    /// </exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        var header = SafetensorsHeader.Read(new ModelSource(bytes, file));
        return new SafetensorsFile(header.Tensors, header.Metadata, isChecked: true);
    }

    /// <summary>The file's bytes: the same for the same tensors and metadata in the same order.</summary>
    public byte[] ToBytes() => SafetensorsWriter.Write(Tensors, Metadata);

    private void RequireWritable()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (NamedTensor tensor in Tensors)
        {
            if (tensor.Name == MetadataKey || !names.Add(tensor.Name) || !IsUnicode(tensor.Name))
            {
                throw new ArgumentException($"Tensor {Quote.One(tensor.Name)} is there twice, or its name cannot be written.", nameof(Tensors));
            }
        }

        foreach ((string name, string value) in Metadata)
        {
            if (!IsUnicode(name) || !IsUnicode(value))
            {
                throw new ArgumentException($"Metadata {Quote.One(name)} is not Unicode.", nameof(Metadata));
            }
        }

        if (Tensors.Sum(tensor => (long)tensor.Data.Length) > Array.MaxLength - MaxHeaderBytes)
        {
            throw new ArgumentException("The tensors are too large for one file in memory.", nameof(Tensors));
        }
    }

    /// <summary>Whether it has no half of a surrogate pair, which JSON cannot carry.</summary>
    private static bool IsUnicode(string text)
    {
        int at = 0;
        while (at < text.Length && Rune.TryGetRuneAt(text, at, out Rune rune))
        {
            at += rune.Utf16SequenceLength;
        }

        return at == text.Length;
    }
}
