using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// Rows of a task in parameter space, whitened by the prior: with Phi = J D^1/2 over the q free parameters it answers Phi^T Sigma^-1 Phi u, summed over
/// chunks of rows in fp64. Certified residuals and right-hand sides come from a network in fp64, linearised again.
/// </summary>
internal sealed class ParameterShard : IShardMathematics
{
    private readonly torch.Device _device;
    private readonly Prior _prior;
    private readonly SolvePlan _plan;
    private readonly RowRange _range;
    private readonly TaskData _data;
    private readonly double[] _targets; // standardised
    private readonly FreeParameters _free;
    private readonly SourceNetwork _network;
    private readonly SourceNetwork _exact; // fp64; the same where products are
    private readonly FactorChunks _chunks;
    private readonly FactorChunks _exactChunks;
    private SampledGram? _gram;

    internal ParameterShard(SourceModel model, torch.Device device, Prior prior, SolvePlan plan, RowRange range, TaskData data)
    {
        _device = device;
        _prior = prior;
        _plan = plan;
        _range = range;
        _data = data;
        _targets = model.OutputStandardisation.Apply(data.Targets).Values;
        _free = new FreeParameters(model.Spec, prior, device);
        _network = new SourceNetwork(model, device, VectorBlocks.TypeOf(plan.InDouble));
        _exact = plan.InDouble ? _network : new SourceNetwork(model, device);
        _chunks = new FactorChunks(_network, data.Inputs, plan.KeepsFactors);
        _exactChunks = plan.InDouble ? _chunks : new FactorChunks(_exact, data.Inputs, keeps: false);
    }

    public long Bytes => _chunks.Bytes + _network.Bytes + _exact.Bytes + (8 * (_data.Inputs.Values.LongLength + (2 * _targets.LongLength))) + (_gram?.Bytes ?? 0);

    private bool BeginsExactly => _plan.InDouble || _plan.CertifiesInDouble;

    public IEnumerable<byte[]?> Answer(ShardRequest request) => request.Question switch
    {
        ShardQuestion.Begin => Begin(),
        ShardQuestion.Sample => Sample(request.Count),
        ShardQuestion.Gram => Gram(request),
        ShardQuestion.Apply => Apply(request),
        _ => throw SolveChecks.Unfit(request, "parameter space"),
    };

    public void Dispose()
    {
        _gram?.Dispose();
        _chunks.Dispose();
        if (!_plan.InDouble)
        {
            _exactChunks.Dispose();
            _exact.Dispose();
        }

        _network.Dispose();
        _free.Dispose();
    }

    private IEnumerable<byte[]?> Begin()
    {
        var projected = new double[_free.Count];
        double squares = 0;
        double logNoise = 0;
        FactorChunks chunks = BeginsExactly ? _exactChunks : _chunks;
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            int at = chunk;
            chunks.Use(at, factors => (squares, logNoise) = Project(factors, chunks.Start(at), projected, squares, logNoise));
            yield return null;
        }

        for (int chunk = 0; _plan.KeepsFactors && BeginsExactly && !_plan.InDouble && chunk < _chunks.Count; chunk++)
        {
            _chunks.Use(chunk, _ => { });
            yield return null;
        }

        byte[] answer = new byte[8 * (projected.Length + 2)];
        Buffer.BlockCopy(projected, 0, answer, 0, 8 * projected.Length);
        BitConverter.TryWriteBytes(answer.AsSpan(8 * projected.Length), squares);
        BitConverter.TryWriteBytes(answer.AsSpan(8 * (projected.Length + 1)), logNoise);
        yield return answer;
    }

    private (double Squares, double LogNoise) Project(JacobianFactors factors, int start, double[] projected, double squares, double logNoise)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int c = factors.Outputs;
        double[] residuals = _targets.AsSpan(start * c, factors.Count).ToArray();
        if (_prior.Mean == PriorMean.Source)
        {
            double[] mean = TensorInterop.ToDoubles(factors.Output);
            for (int i = 0; i < residuals.Length; i++)
            {
                residuals[i] -= mean[i];
            }
        }

        for (int i = 0; i < residuals.Length; i++)
        {
            double noise = _prior.NoiseOf(i % c);
            squares += residuals[i] * residuals[i] / noise;
            logNoise += Math.Log(noise);
            residuals[i] /= noise;
        }

        torch.Tensor weighted = TensorInterop.FromDoubles(residuals, [residuals.Length, 1], factors.DType, _device);
        double[] part = TensorInterop.ToDoubles(_free.Extract(factors.ApplyTranspose(weighted)));
        for (int i = 0; i < part.Length; i++)
        {
            projected[i] += part[i];
        }

        return (squares, logNoise);
    }

    private IEnumerable<byte[]?> Sample(int count)
    {
        int[] rows = Local(count);
        TaskData sample = _data.SelectRows(rows);
        (int d, int c) = (sample.Inputs.Columns, sample.Targets.Columns);
        var values = new double[rows.Length * (d + c)];
        for (int i = 0; i < rows.Length; i++)
        {
            sample.Inputs.Row(i).CopyTo(values.AsSpan(i * (d + c)));
            sample.Targets.Row(i).CopyTo(values.AsSpan((i * (d + c)) + d));
        }

        yield return System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private IEnumerable<byte[]?> Gram(ShardRequest request)
    {
        if (_gram is null || _gram.InDouble != request.InDouble)
        {
            _gram?.Dispose();
            SourceNetwork network = request.InDouble ? _exact : _network;
            _gram = new SampledGram(network, _data.Inputs.SelectRows(Local(_plan.PreconditionerSize)), _free, _prior, request.InDouble);
        }

        while (!_gram.IsComplete)
        {
            _gram.AddNext();
            yield return null;
        }

        byte[] rows = _gram.Rows(request.Start, request.Count);
        if (request.Start + request.Count == _free.Count)
        {
            // The last rows were asked for. Who asks again makes it compute again.
            _gram.Dispose();
            _gram = null;
        }

        yield return rows;
    }

    private IEnumerable<byte[]?> Apply(ShardRequest request)
    {
        using var rows = new ParameterGramOperator(_chunks, _free, _prior);
        using var exact = new ParameterGramOperator(_exactChunks, _free, _prior);
        bool isExact = request.Precision == ProductPrecision.Double || (request.InDouble && !rows.TakesDouble);
        ParameterGramOperator gram = isExact ? exact : rows;
        using torch.Tensor vectors = TensorInterop.Own(VectorBlocks.FromBytes(request.Payload, _free.Count, request.Columns, request.InDouble, _device));
        using torch.Tensor sum = TensorInterop.Own(torch.zeros(_free.Count, request.Columns, dtype: torch.ScalarType.Float64, device: _device));
        for (int part = 0; part < gram.Parts; part++)
        {
            gram.AddPart(part, vectors, sum);
            yield return null;
        }

        yield return VectorBlocks.ToBytes(sum);
    }

    private int[] Local(int sampled) => [.. RowSample.Within(_range, _plan.Rows, sampled, _plan.Seed).Select(row => row - _range.Start)];
}
