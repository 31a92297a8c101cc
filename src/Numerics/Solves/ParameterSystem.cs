using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// A task in parameter space, whitened: A = I + sum_s Phi_s^T Sigma^-1 Phi_s over the q free parameters, b = Phi^T Sigma^-1 (y - m); the posterior mean
/// is d = D^1/2 A^-1 b. Shards give the sums; the coordinator holds vectors of q numbers and the preconditioner.
/// </summary>
internal sealed class ParameterSystem : ITaskSystem
{
    private const int MessageBytes = 4 << 20;
    private const double Caution = 0.2;

    private readonly SourceNetwork _network; // fp64, for predictions at scored rows
    private readonly Prior _prior;
    private readonly SolvePlan _plan;
    private readonly FreeParameters _free;
    private torch.Tensor? _rightHandSide;
    private double _squares; // r^T Sigma^-1 r
    private double _logNoise; // log|Sigma|

    internal ParameterSystem(SourceModel model, torch.Device device, Prior prior, SolvePlan plan)
    {
        _prior = prior;
        _plan = plan;
        _network = new SourceNetwork(model, device);
        _free = new FreeParameters(model.Spec, prior, device);
    }

    public int Size => _free.Count;

    public int Targets => 1;

    public IPreconditioner Preconditioner { get; private set; } = null!;

    public torch.Tensor RightHandSides => _rightHandSide!;

    public SolvedPosterior Posterior { get; private set; } = null!;

    public AdaptationReport Report { get; private set; } = null!;

    private torch.Device Device => _network.Device;

    private NetworkSpec Spec => _network.Model.Spec;

    private bool InDouble => _plan.InDouble || _plan.CertifiesInDouble;

    private int Sampled => Math.Min(_plan.PreconditionerSize, _plan.Rows);

    public IEnumerable<ShardRequest?> Prepare(AnswerSlot answers)
    {
        yield return new ShardRequest(ShardQuestion.Begin, 1, 0, 0, _plan.Certificate, []);
        Begin(answers.Current);
        if (_plan.Preconditioner == PreconditionerKind.SampledRows)
        {
            yield return new ShardRequest(ShardQuestion.Sample, 1, 0, Sampled, ProductPrecision.Double, []);
            Preconditioner = new SampledRowsPreconditioner(_network.Model, Device, Parse(answers.Current).Inputs, _free, _prior, Sampled / (double)_plan.Rows);
            yield break;
        }

        if (_plan.Preconditioner == PreconditionerKind.None)
        {
            Preconditioner = new IdentityPreconditioner(Size);
            yield break;
        }

        // Where every row is in the sample it is the system itself, and worth its full precision.
        bool exact = InDouble && Sampled == _plan.Rows;
        using torch.Tensor matrix = TensorInterop.Own(torch.eye(Size, dtype: torch.ScalarType.Float64, device: Device));
        foreach (ShardRequest request in GramRequests(exact))
        {
            yield return request;
            AddGram(matrix, request, answers.Current);
        }

        yield return null;
        Preconditioner = new CholeskyPreconditioner(matrix);
    }

    public torch.Tensor Outgoing(torch.Tensor vectors, ReadOnlySpan<int> columns) => vectors;

    public torch.Tensor Product(torch.Tensor vectors, ReadOnlySpan<int> columns, IReadOnlyList<byte[]> answers, bool inDouble)
    {
        torch.Tensor sum = vectors.to(torch.ScalarType.Float64, copy: true);
        foreach (byte[] answer in answers)
        {
            using torch.Tensor part = VectorBlocks.FromBytes(answer, Size, columns.Length, inDouble: true, Device);
            sum.add_(part, Scalars.One);
        }

        return sum;
    }

    public IEnumerable<ShardRequest?> Finish(torch.Tensor solution, SpectrumEstimate spectrum, AnswerSlot answers)
    {
        yield return new ShardRequest(ShardQuestion.Sample, 1, 0, Math.Min(_plan.ScoredRows, _plan.Rows), ProductPrecision.Double, []);
        TaskData sample = Parse(answers.Current);
        double evidence = LogEvidence(solution, spectrum);
        SolvedPosterior solved = Solved(solution, spectrum, evidence);
        yield return null;
        using var posterior = new SolvedTaskPosterior(_network, _prior, solved);
        Report = SolveScores.Score(_network, posterior, _prior, sample, _plan.Rows * Spec.Outputs, evidence, PosteriorSpace.Parameter);
        Posterior = solved with { EffectiveDimension = Report.EffectiveDimension };
    }

    public void Dispose()
    {
        Preconditioner?.Dispose();
        _rightHandSide?.Dispose();
        _free.Dispose();
        _network.Dispose();
    }

    private void Begin(IReadOnlyList<byte[]> answers)
    {
        var sum = new double[Size];
        foreach (byte[] answer in answers)
        {
            ReadOnlySpan<double> part = MemoryMarshal.Cast<byte, double>(answer);
            if (part.Length != Size + 2)
            {
                throw new ArgumentException($"A shard answered {part.Length} numbers instead of {Size + 2}.");
            }

            for (int i = 0; i < Size; i++)
            {
                sum[i] += part[i];
            }

            _squares += part[Size];
            _logNoise += part[Size + 1];
        }

        _rightHandSide = TensorInterop.Own(TensorInterop.FromDoubles(sum, [Size, 1], torch.ScalarType.Float64, Device));
    }

    // Bands of rows, each at most a message.
    private IEnumerable<ShardRequest> GramRequests(bool inDouble)
    {
        int bytes = inDouble ? sizeof(double) : sizeof(float);
        for (int start = 0; start < Size;)
        {
            int count = (int)Math.Clamp(MessageBytes / ((long)bytes * Math.Min(Size, start + 256)), 1, Math.Min(256, Size - start));
            yield return new ShardRequest(ShardQuestion.Gram, 1, start, count, inDouble ? ProductPrecision.Double : ProductPrecision.Single, []);
            start += count;
        }
    }

    private void AddGram(torch.Tensor matrix, ShardRequest request, IReadOnlyList<byte[]> answers)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor target = matrix.narrow(0, request.Start, request.Count).narrow(1, 0, request.Start + request.Count);
        torch.Tensor scale = TensorInterop.FromDoubles([_plan.Rows / (double)Sampled], [1], torch.ScalarType.Float64, Device);
        foreach (byte[] answer in answers)
        {
            torch.Tensor part = VectorBlocks.FromBytes(answer, request.Count, request.Start + request.Count, request.InDouble, Device);
            target.add_(part.to(torch.ScalarType.Float64).mul_(scale), Scalars.One);
        }
    }

    private TaskData Parse(IReadOnlyList<byte[]> answers)
    {
        int d = Spec.InputWidth;
        int width = d + Spec.Outputs;
        double[] values = [.. answers.SelectMany(answer => MemoryMarshal.Cast<byte, double>(answer).ToArray())];
        int rows = values.Length / width;
        var inputs = new double[rows * d];
        var targets = new double[rows * Spec.Outputs];
        for (int i = 0; i < rows; i++)
        {
            values.AsSpan(i * width, d).CopyTo(inputs.AsSpan(i * d));
            values.AsSpan((i * width) + d, Spec.Outputs).CopyTo(targets.AsSpan(i * Spec.Outputs));
        }

        return new TaskData(new RowMatrix(rows, d, inputs), new RowMatrix(rows, Spec.Outputs, targets));
    }

    // -1/2 (r^T Sigma^-1 r - b^T u) - 1/2 (log|A| + log|Sigma|) - N/2 log 2 pi.
    private double LogEvidence(torch.Tensor solution, SpectrumEstimate spectrum)
    {
        using torch.Tensor product = _rightHandSide! * solution;
        double explained = TensorInterop.ToDoubles(product).Sum();
        double logDeterminant = Preconditioner.LogDeterminant + spectrum.LogDeterminant + _logNoise;
        return -0.5 * (_squares - explained + logDeterminant + ((double)_plan.Rows * Spec.Outputs * Math.Log(2 * Math.PI)));
    }

    private SolvedPosterior Solved(torch.Tensor solution, SpectrumEstimate spectrum, double evidence)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        double[] mean = TensorInterop.ToDoubles(_free.Embed(solution));
        bool isSystem = Preconditioner is CholeskyPreconditioner && Sampled == _plan.Rows && InDouble;

        // If P^-1 A has no eigenvalue below the scale, A^-1 is at most P^-1 / scale. The smallest Ritz value lies above the smallest eigenvalue, by the less
        // the nearer all are to 1. Without an estimate nothing is known beyond the prior.
        double smallest = spectrum.SmallestEigenvalue - (Caution * Math.Max(0, 1 - spectrum.SmallestEigenvalue));
        double scale = isSystem ? 1 : double.IsFinite(smallest) ? Math.Clamp(smallest, 1e-12, 1) : 1e-12;
        return Preconditioner switch
        {
            CholeskyPreconditioner p => Of(SolvedForm.Gram, null, p.Factor),
            SampledRowsPreconditioner p => Of(SolvedForm.SampledRows, p.Inputs, p.Factor),
            _ => Of(SolvedForm.Gram, null, torch.eye(Size, dtype: torch.ScalarType.Float64)),
        };

        SolvedPosterior Of(SolvedForm form, RowMatrix? inputs, torch.Tensor factor) => new()
        {
            Form = form,
            MeanParameters = mean,
            Inputs = inputs,
            Factor = new RowMatrix((int)factor.shape[0], (int)factor.shape[1], TensorInterop.ToDoubles(factor)),
            VarianceScale = scale,
            LogEvidence = evidence,
            EffectiveDimension = double.NaN,
        };
    }
}
