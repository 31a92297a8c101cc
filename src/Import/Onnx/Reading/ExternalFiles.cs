using System.Globalization;
using OnnxSchema;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>The data of tensors that lie in other files.</summary>
internal sealed class ExternalFiles(Func<string, ReadOnlyMemory<byte>> resolve, ModelErrors errors)
{
    internal static ReadOnlyMemory<byte> Require(ExternalFiles? files, TensorProto tensor, string where, ModelErrors errors) => files is null
        ? throw errors.Of(where, "its data are in another file", "save the network in one file: onnx.save(model, path, save_as_external_data=False)")
        : files.Find(tensor, where);

    private ReadOnlyMemory<byte> Find(TensorProto tensor, string where)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            if (!entries.TryAdd(entry.Key, entry.Value))
            {
                throw errors.Of(where, $"its external data name {ModelErrors.Quote(entry.Key)} twice");
            }
        }

        string location = entries.GetValueOrDefault("location") ?? throw errors.Of(where, "its external data have no location");
        ExternalData.RequireInside(location, errors.File);
        ReadOnlyMemory<byte> bytes = Resolve(location, where);
        long offset = Number(entries, "offset", 0, where);
        long length = Number(entries, "length", bytes.Length - offset, where);
        return offset <= bytes.Length && length >= 0 && length <= bytes.Length - offset
            ? bytes.Slice((int)offset, (int)length)
            : throw errors.Of(where, $"its data are {length} bytes at {offset} of {ModelErrors.Quote(location)}, which has {bytes.Length}", "copy both files again");
    }

    private ReadOnlyMemory<byte> Resolve(string location, string where)
    {
        try
        {
            return resolve(location);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or KeyNotFoundException)
        {
            throw errors.Of(where, $"its data in {ModelErrors.Quote(location)} cannot be read", "keep the files that belong together in one folder", error);
        }
    }

    private long Number(Dictionary<string, string> entries, string key, long otherwise, string where)
    {
        if (!entries.TryGetValue(key, out string? text))
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw errors.Of(where, $"the {key} of its external data is no number");
    }
}
