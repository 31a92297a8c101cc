using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>Some rows of a task's or panel's kernel: answers K[R, :] V. Certified residuals come from kernel rows formed in fp64.</summary>
internal sealed class KernelShard : IShardMathematics
{
    private readonly SourceModel _model;
    private readonly torch.Device _device;
    private readonly Prior _prior;
    private readonly SolvePlan _plan;
    private readonly RowRange _range;
    private readonly RowMatrix _inputs;
    private Rows? _rows;
    private Rows? _exact;

    internal KernelShard(SourceModel model, torch.Device device, Prior prior, SolvePlan plan, RowRange range, RowMatrix inputs)
    {
        _model = model;
        _device = device;
        _prior = prior;
        _plan = plan;
        _range = range;
        _inputs = inputs;
    }

    public long Bytes => (8 * _inputs.Values.LongLength) + (_rows?.Bytes ?? 0) + (_exact?.Bytes ?? 0);

    public IEnumerable<byte[]?> Answer(ShardRequest request) => request.Question switch
    {
        ShardQuestion.Begin => Begin(),
        ShardQuestion.Apply => Apply(request),
        _ => throw SolveChecks.Unfit(request, "kernel rows"),
    };

    public void Dispose()
    {
        _rows?.Dispose();
        _exact?.Dispose();
    }

    private IEnumerable<byte[]?> Begin()
    {
        _rows ??= Linearised(_plan.InDouble, _plan.KeepsFactors);
        yield return null;
        while (_rows.BuildNext())
        {
            yield return null;
        }

        yield return [];
    }

    private IEnumerable<byte[]?> Apply(ShardRequest request)
    {
        Rows rows = RowsFor(request.Precision == ProductPrecision.Double);
        using torch.Tensor vectors = TensorInterop.Own(
            VectorBlocks.FromBytes(request.Payload, rows.Operator.Columns, request.Columns, request.InDouble, _device));
        using torch.Tensor result = TensorInterop.Own(torch.zeros(rows.Operator.Rows, request.Columns, dtype: VectorBlocks.TypeOf(request.InDouble), device: _device));
        for (int part = 0; part < rows.Operator.Parts; part++)
        {
            rows.Operator.AddPart(part, vectors, result);
            yield return null;
        }

        yield return VectorBlocks.ToBytes(result);
    }

    private Rows RowsFor(bool inDouble) => inDouble && !_plan.InDouble
        ? _exact ??= Linearised(inDouble: true, keeps: false)
        : _rows ??= Linearised(_plan.InDouble, _plan.KeepsFactors);

    private Rows Linearised(bool inDouble, bool keeps)
    {
        var network = new SourceNetwork(_model, _device, VectorBlocks.TypeOf(inDouble));
        JacobianFactors factors = network.Linearise(_inputs);
        return new Rows(network, factors, new KernelRowsOperator(factors, _prior.BlockScales.AsSpan(), _range.Start, _range.Count, keeps));
    }

    // Kernel rows with what they are made of; kept rows let go of it once they are complete.
    private sealed class Rows(SourceNetwork network, JacobianFactors factors, KernelRowsOperator rows) : IDisposable
    {
        private bool _released;

        internal KernelRowsOperator Operator => rows;

        internal long Bytes => network.Bytes + (_released ? 0 : factors.Bytes) + rows.KeptBytes;

        internal bool BuildNext()
        {
            if (rows.IsBuilt)
            {
                return false;
            }

            rows.BuildNext();
            if (rows.IsBuilt && !_released)
            {
                factors.Dispose();
                _released = true;
            }

            return !rows.IsBuilt;
        }

        public void Dispose()
        {
            rows.Dispose();
            if (!_released)
            {
                factors.Dispose();
            }

            network.Dispose();
        }
    }
}
