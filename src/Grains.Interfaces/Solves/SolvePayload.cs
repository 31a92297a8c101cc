using System.Buffers;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Bytes of a solve's question or answer, or of a part of one.</summary>
/// <remarks>
/// Ownership: a payload made with <see cref="Of"/> borrows memory that its maker keeps unchanged until the call has ended. One
/// that arrived from another process lies in a buffer of the shared pool, which belongs to whoever received it:
/// <see cref="Release"/> gives it back, after which there are no bytes. Within a process the same instance is passed on;
/// releasing a borrowed one does nothing, so that a receiver need not know which it has. One that is never released is
/// collected like any array.
/// </remarks>
[Immutable]
[Alias("adapt.SolvePayload")]
public sealed class SolvePayload
{
    private readonly int _length;
    private ReadOnlyMemory<byte> _borrowed;
    private byte[]? _rented;

    private SolvePayload(int length) => _length = length;

    /// <summary>No bytes.</summary>
    public static SolvePayload Empty { get; } = new(0);

    /// <summary>The number of bytes.</summary>
    public int Length => _length;

    /// <summary>The bytes; until they are released.</summary>
    /// <exception cref="ObjectDisposedException">They were.</exception>
    public ReadOnlySpan<byte> Bytes => _length == 0 ? []
        : Volatile.Read(ref _rented) is { } rented ? rented.AsSpan(0, _length)
        : _borrowed.Length == _length ? _borrowed.Span
        : throw new ObjectDisposedException(nameof(SolvePayload));

    /// <summary>Borrows bytes.</summary>
    public static SolvePayload Of(ReadOnlyMemory<byte> bytes) => new(bytes.Length) { _borrowed = bytes };

    /// <summary>Gives a buffer of the pool back; harmless if it is none, or was given back.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    internal static SolvePayload Rent(int length) => new(length) { _rented = ArrayPool<byte>.Shared.Rent(length) };

    internal Span<byte> Writable => _rented.AsSpan(0, _length);
}
