using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Client.Backups;

/// <summary>The records of a backup, one after the other: length of the key, key, length of the content, content.</summary>
internal static class RecordsFile
{
    public static async Task WriteAsync(Stream file, string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        byte[] name = Encoding.UTF8.GetBytes(key);
        await WriteLengthAsync(file, name.Length, cancellationToken);
        await file.WriteAsync(name, cancellationToken);
        await WriteLengthAsync(file, content.Length, cancellationToken);
        await file.WriteAsync(content, cancellationToken);
    }

    /// <exception cref="StoreException">The file is cut off.</exception>
    public static async IAsyncEnumerable<(string Key, byte[] Content)> ReadAsync(
        Stream file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (file.Position < file.Length)
        {
            string key = Encoding.UTF8.GetString(await ReadBlockAsync(file, cancellationToken));
            yield return (key, await ReadBlockAsync(file, cancellationToken));
        }
    }

    private static async Task WriteLengthAsync(Stream file, int length, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        await file.WriteAsync(bytes, cancellationToken);
    }

    private static async Task<byte[]> ReadBlockAsync(Stream file, CancellationToken cancellationToken)
    {
        byte[] length = new byte[sizeof(int)];
        int read = await file.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, cancellationToken);
        int count = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (read < length.Length || count < 0 || count > file.Length - file.Position)
        {
            throw new StoreException("the backup's file of records is cut off; take another backup.", isRetryable: false);
        }

        byte[] block = new byte[count];
        await file.ReadExactlyAsync(block, cancellationToken);
        return block;
    }
}
