using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Operators;

/// <summary>
/// The Jacobian of many rows, a chunk of rows at a time: kept, or linearised again whenever it is needed. The chunks are the same either way, and so are
/// all bits that follow. Owns what it keeps; borrows the network.
/// </summary>
internal sealed class FactorChunks : IDisposable
{
    private const long ChunkNumbers = 1L << 22;
    private const int MostRows = 8_192;

    private readonly SourceNetwork _network;
    private readonly RowMatrix _inputs;
    private readonly JacobianFactors?[] _kept;
    private readonly bool _keeps;

    /// <summary>Prepares; nothing is computed yet.</summary>
    /// <param name="network">Borrowed.</param>
    /// <param name="inputs">[n, d], in the data's units, at least one row.</param>
    /// <param name="keeps">Whether a chunk stays in memory once it was made.</param>
    /// <param name="chunkRows">Rows of a chunk. Default: <see cref="RowsPerChunk"/>.</param>
    internal FactorChunks(SourceNetwork network, RowMatrix inputs, bool keeps, int? chunkRows = null)
    {
        network.CheckInputs(inputs);
        _network = network;
        _inputs = inputs;
        _keeps = keeps;
        ChunkRows = chunkRows ?? RowsPerChunk(network.Model.Spec);
        _kept = new JacobianFactors?[(inputs.Rows + ChunkRows - 1) / ChunkRows];
    }

    /// <summary>Rows of every chunk but the last.</summary>
    internal int ChunkRows { get; }

    /// <summary>How many chunks.</summary>
    internal int Count => _kept.Length;

    /// <summary>n.</summary>
    internal int Rows => _inputs.Rows;

    internal SourceNetwork Network => _network;

    /// <summary>Bytes of the chunks that are kept.</summary>
    internal long Bytes => _kept.Sum(chunk => chunk?.Bytes ?? 0);

    /// <summary>How many rows a chunk has: a few million numbers, so that what follows from one is still in cache when it is used.</summary>
    internal static int RowsPerChunk(NetworkSpec spec) => (int)Math.Clamp(ChunkNumbers / NetworkCost.FactorNumbers(spec), 16, MostRows);

    /// <summary>The first row of a chunk.</summary>
    internal int Start(int chunk) => chunk * ChunkRows;

    /// <summary>The rows of a chunk.</summary>
    internal int RowsOf(int chunk) => Math.Min(ChunkRows, Rows - Start(chunk));

    /// <summary>Uses the factors of one chunk.</summary>
    /// <exception cref="Errors.NonFiniteOutputException">The network overflows on a row.</exception>
    internal void Use(int chunk, Action<JacobianFactors> body)
    {
        if (_kept[chunk] is { } kept)
        {
            body(kept);
            return;
        }

        JacobianFactors factors = _network.Linearise(_inputs, Start(chunk), RowsOf(chunk));
        if (_keeps)
        {
            _kept[chunk] = factors;
            body(factors);
            return;
        }

        using (factors)
        {
            body(factors);
        }
    }

    public void Dispose()
    {
        foreach (JacobianFactors? chunk in _kept)
        {
            chunk?.Dispose();
        }
    }
}
