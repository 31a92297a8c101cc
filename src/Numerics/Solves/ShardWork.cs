using System.Diagnostics;

namespace AdaptCluster.Numerics.Solves;

/// <summary>The answer to one request in the making: short parts, so that the device can do other things in between.</summary>
public sealed class ShardWork : IDisposable
{
    private readonly IEnumerator<byte[]?> _parts;

    internal ShardWork(IEnumerable<byte[]?> parts) => _parts = parts.GetEnumerator();

    /// <summary>The answer; null until it is complete.</summary>
    public byte[]? Answer { get; private set; }

    /// <summary>Goes on, for at least one part and until the time is over.</summary>
    /// <returns>Whether it is complete.</returns>
    /// <exception cref="Errors.NumericsException">The network overflows on a row, for example.</exception>
    public bool Advance(TimeSpan slice)
    {
        long started = Stopwatch.GetTimestamp();
        while (Answer is null && _parts.MoveNext())
        {
            Answer = _parts.Current;
            if (Stopwatch.GetElapsedTime(started) >= slice)
            {
                break;
            }
        }

        return Answer is not null;
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.Dispose();
}
