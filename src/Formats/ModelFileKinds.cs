using System.Buffers.Binary;
using AdaptCluster.Formats.PyTorch;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Zip;

namespace AdaptCluster.Formats;

/// <summary>Tells what a model file is by its content; names and extensions do not count.</summary>
public static class ModelFileKinds
{
    /// <summary>Field 1 (ir_version) as a varint: the first that every writer of ONNX models writes.</summary>
    private const byte OnnxStart = 0x08;

    /// <summary>Recognises a file. It may still be damaged: only its reader checks all of it.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="file">The file as errors name it.</param>
    /// <exception cref="ModelFileException">
    /// It is of no kind that is read, is of PyTorch before 1.6, or is a zip archive with a damaged directory.
    /// </exception>
    public static ModelFileKind Detect(ReadOnlyMemory<byte> bytes, string file)
    {
        var source = new ModelSource(bytes, file);
        ReadOnlySpan<byte> span = bytes.Span;
        if (IsSafetensors(span))
        {
            return ModelFileKind.Safetensors;
        }

        PyTorchArchive.RefuseLegacy(source);

        if (ZipDirectory.IsZip(span))
        {
            return DetectArchive(source);
        }

        return span is [OnnxStart, ..] ? ModelFileKind.Onnx : throw Unknown(source, "it is no model file of a known kind");
    }

    /// <summary>
    /// A length that a header can have, then a JSON object. Such a length may start with ONNX's or a pickle's first byte; but no
    /// ONNX model has zeros there, which would be fields numbered 0, and pickles have neither.
    /// </summary>
    private static bool IsSafetensors(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 8 && bytes[8] == (byte)'{' && BinaryPrimitives.ReadInt64LittleEndian(bytes) is >= 2 and <= SafetensorsFile.MaxHeaderBytes;

    private static ModelFileKind DetectArchive(ModelSource source)
    {
        var directory = ZipDirectory.Read(source);
        string? root = PyTorchArchive.RootOf(directory);
        if (root is not null && PyTorchArchive.IsScript(directory, root))
        {
            return ModelFileKind.TorchScript;
        }

        return root is not null && directory.Entries.ContainsKey($"{root}/data.pkl")
            ? ModelFileKind.PyTorchStateDict
            : throw Unknown(source, "it is a zip archive, but neither of torch.save nor of torch.jit.save");
    }

    private static ModelFileException Unknown(ModelSource source, string problem) => source.Wrong(
        null, problem, "give an ONNX model, a TorchScript archive, a PyTorch state dictionary or safetensors");
}
