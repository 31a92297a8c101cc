using System.Globalization;
using System.IO.Hashing;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// The XXH3 of the store's log up to the last noted address, one line per segment file. It is checked before the store
/// replays the log: Garnet keeps no checksums there, and replaying overwritten bytes can end the process.
/// </summary>
/// <remarks>
/// The log is append-only, so what lies before a committed address never changes. Each note reads only what was added.
/// Not thread-safe.
/// </remarks>
internal sealed class LogDigest(DataDirectory directory)
{
    /// <summary>The bytes of one segment file: address a is byte a mod this of segment a div this.</summary>
    public const long SegmentBytes = 32L << 20;

    private const string FilePrefix = "aof.log.";

    private readonly SortedDictionary<int, Segment> _segments = [];
    private readonly byte[] _buffer = new byte[1 << 20];

    /// <summary>Checks the log against the last note, if there is one.</summary>
    /// <exception cref="StoreException">Bytes that were noted have changed, or the note is damaged.</exception>
    public void Verify()
    {
        if (!File.Exists(directory.DigestPath))
        {
            return;
        }

        foreach (string line in File.ReadAllLines(directory.DigestPath))
        {
            (int number, long length, ulong hash) = Parse(line);
            var segment = new Segment();

            // A segment that is gone or cut short is for the watermark to judge: a checkpoint removes old ones.
            if (Append(number, segment, length) && segment.Hash.GetCurrentHashAsUInt64() != hash)
            {
                throw new StoreException(
                    $"the store in '{directory.StorePath}' has lost acknowledged writes: {FilePrefix}{number} differs from what was written; "
                    + $"restore the data directory from a backup, or delete '{directory.DigestPath}' to go on with what can be read.",
                    isRetryable: false);
            }

            _segments[number] = segment;
        }
    }

    /// <summary>Notes the log up to a committed address.</summary>
    /// <exception cref="IOException">The log cannot be read or the note not be written.</exception>
    public void Note(long committed)
    {
        int last = (int)(committed / SegmentBytes);
        for (int number = _segments.Count == 0 ? 0 : _segments.Keys.Max(); number <= last; number++)
        {
            Segment segment = _segments.GetValueOrDefault(number) ?? new Segment();
            if (Append(number, segment, number < last ? SegmentBytes : committed % SegmentBytes))
            {
                _segments[number] = segment;
            }
        }

        foreach (int gone in _segments.Keys.Where(number => !File.Exists(PathOf(number))).ToArray())
        {
            _segments.Remove(gone);
        }

        DataDirectory.WriteAtomically(directory.DigestPath, string.Join('\n', _segments.Select(entry => string.Create(
            CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value.Length} {entry.Value.Hash.GetCurrentHashAsUInt64():x16}"))));
    }

    /// <returns>Whether the segment has that many bytes.</returns>
    private bool Append(int number, Segment segment, long length)
    {
        string path = PathOf(number);
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        if (file.Length < length)
        {
            return false;
        }

        file.Position = segment.Length;
        while (segment.Length < length)
        {
            int read = file.Read(_buffer, 0, (int)Math.Min(_buffer.Length, length - segment.Length));
            segment.Hash.Append(_buffer.AsSpan(0, read));
            segment.Length += read;
        }

        return true;
    }

    private string PathOf(int number) => Path.Combine(directory.StorePath, "AOF", $"{FilePrefix}{number}");

    private (int Number, long Length, ulong Hash) Parse(string line)
    {
        string[] parts = line.Split(' ');
        long length = 0;
        ulong hash = 0;
        return parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out length)
            && ulong.TryParse(parts[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash)
            ? (number, length, hash)
            : throw new StoreException(
                $"data directory '{directory.Root}' is damaged: {Path.GetFileName(directory.DigestPath)} is not readable; restore it from a backup.",
                isRetryable: false);
    }

    private sealed class Segment
    {
        public XxHash3 Hash { get; } = new();

        public long Length { get; set; }
    }
}
