using Orleans.Storage;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Passes records through. They are read and written outside of the Redis storage, which would keep of an error no
/// more than its text.
/// </summary>
internal sealed class RecordBytesSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => ((RecordBytes)(object)input!).Content;

    public T? Deserialize<T>(BinaryData input) => (T)(object)new RecordBytes { Content = input };
}
