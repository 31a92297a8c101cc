using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>
/// Some consecutive rows of the kernel, K[R, :] = sum_b theta_b J_b[R] J_b^T, [N_R, N]: kept (N_R N numbers) or formed again block by block in every product
/// (N_R N sum(d_in + d_out) flops). Borrows the factors of all rows; once kept rows are built it needs them no more.
/// </summary>
internal sealed class KernelRowsOperator : IPartwiseOperator
{
    private const long BlockNumbers = 1L << 23;

    private readonly JacobianFactors _all;
    private readonly double[] _scales;
    private readonly int _start;
    private readonly int _count;
    private readonly int _step;
    private readonly torch.Tensor? _kept;
    private int _built;

    /// <summary>Prepares; nothing is computed yet.</summary>
    /// <param name="all">The factors of all inputs.</param>
    /// <param name="blockScales">theta, length B.</param>
    /// <param name="start">The first input whose rows these are.</param>
    /// <param name="count">How many inputs.</param>
    /// <param name="keeps">Whether the rows are kept.</param>
    /// <param name="blockNumbers">The most numbers of a block of rows, but for a block of one input.</param>
    internal KernelRowsOperator(
        JacobianFactors all, ReadOnlySpan<double> blockScales, int start, int count, bool keeps, long blockNumbers = BlockNumbers)
    {
        _all = all;
        _scales = blockScales.ToArray();
        _start = start;
        _count = count;
        _step = RowsPerBlock(all.Count, all.Outputs, blockNumbers);
        Columns = all.Count;
        DType = all.DType;
        Device = all.Device;
        _kept = keeps ? TensorInterop.Own(torch.empty(Rows, Columns, dtype: DType, device: Device)) : null;
    }

    public int Rows => _count * Outputs;

    public int Columns { get; }

    public int Parts => (_count + _step - 1) / _step;

    public torch.ScalarType DType { get; }

    public torch.ScalarType ResultType => DType;

    public torch.Device Device { get; }

    /// <summary>Whether products need no more than what is kept.</summary>
    internal bool IsBuilt => _kept is null || _built == Parts;

    /// <summary>The memory of the kept rows, in bytes.</summary>
    internal long KeptBytes => _kept is null ? 0 : _kept.numel() * _kept.ElementSize;

    private int Outputs => _all.Outputs;

    /// <summary>How many inputs' rows are formed at once.</summary>
    internal static int RowsPerBlock(long columns, int outputs, long blockNumbers = BlockNumbers) =>
        (int)Math.Clamp(blockNumbers / (columns * outputs), 1, Math.Max(1, 2_048 / outputs));

    /// <summary>Builds the next block of kept rows. What lies above the diagonal within these rows is the mirror image of what is there already.</summary>
    internal void BuildNext()
    {
        (int from, int count) = Block(_built);
        long c = Outputs;
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = _kept!.narrow(0, from * c, count * c);

        // Left of these rows' own square: not here. Within it: up to the diagonal. Right of it: all.
        Fill(rows, from, count, 0, _start);
        Fill(rows, from, count, _start, from + count);
        Fill(rows, from, count, _start + _count, _all.Rows - _start - _count);
        if (from > 0)
        {
            torch.Tensor square = rows.narrow(1, _start * c, from * c);
            _kept.narrow(0, 0, from * c).narrow(1, (_start + from) * c, count * c).copy_(square.t());
        }

        _built++;
    }

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        torch.Tensor result = torch.zeros(Rows, v.shape[1], dtype: ResultType, device: Device);
        for (int part = 0; part < Parts; part++)
        {
            AddPart(part, v, result);
        }

        return result;
    }

    public void AddPart(int part, torch.Tensor v, torch.Tensor result)
    {
        Operand.CheckPart(this, part, v, result);
        using DisposeScope scope = torch.NewDisposeScope();
        (int from, int count) = Block(part);
        torch.Tensor rows = BlockRows(part);

        // Vectors of more precision than the rows: their product is summed in theirs.
        rows = rows.dtype == v.dtype ? rows : rows.to(v.dtype);
        result.narrow(0, (long)from * Outputs, (long)count * Outputs).copy_(torch.mm(rows, v));
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u)
    {
        Operand.CheckTranspose(this, u);
        torch.Tensor result = torch.zeros(Columns, u.shape[1], dtype: DType, device: Device);
        for (int part = 0; part < Parts; part++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            (int from, int count) = Block(part);
            result.add_(torch.mm(BlockRows(part).t(), u.narrow(0, (long)from * Outputs, (long)count * Outputs)), Scalars.One);
        }

        return result;
    }

    public torch.Tensor ToDense()
    {
        torch.Tensor dense = torch.empty(Rows, Columns, dtype: DType, device: Device);
        for (int part = 0; part < Parts; part++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            (int from, int count) = Block(part);
            dense.narrow(0, (long)from * Outputs, (long)count * Outputs).copy_(BlockRows(part));
        }

        return dense;
    }

    public void Dispose() => _kept?.Dispose();

    private (int From, int Count) Block(int part) => (part * _step, Math.Min(_step, _count - (part * _step)));

    // [count c, N], in the caller's scope.
    private torch.Tensor BlockRows(int part)
    {
        (int from, int count) = Block(part);
        if (_kept is not null)
        {
            // All of them: what is right of a block's square is the mirror image of blocks after it.
            while (!IsBuilt)
            {
                BuildNext();
            }

            return _kept.narrow(0, (long)from * Outputs, (long)count * Outputs);
        }

        using JacobianFactors rows = _all.Slice(_start + from, count);
        return rows.CrossGram(_all, _scales);
    }

    private void Fill(torch.Tensor rows, int from, int count, int column, int columns)
    {
        if (columns > 0)
        {
            using JacobianFactors left = _all.Slice(_start + from, count);
            using JacobianFactors right = _all.Slice(column, columns);
            rows.narrow(1, (long)column * Outputs, (long)columns * Outputs).copy_(left.CrossGram(right, _scales));
        }
    }
}
