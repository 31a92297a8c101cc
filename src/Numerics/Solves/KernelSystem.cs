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
/// A task in function space: C = K + Sigma, b = y - m, alpha = C^-1 b. Shards give rows of the products with K; the coordinator adds the noise, makes the
/// preconditioner F F^T + Sigma and, in the end, the variance's root from the span of Sigma^-1 F.
/// </summary>
internal sealed class KernelSystem : ITaskSystem
{
    /// <summary>Up to this share of the noise, what the factor leaves of the kernel changes neither the recurrence nor a variance much.</summary>
    private const double ResidualShare = 1e-3;

    private const int RootStep = 128;

    private readonly SourceModel _model;
    private readonly torch.Device _device;
    private readonly Prior _prior;
    private readonly SolvePlan _plan;
    private readonly TaskData _data;
    private KernelSide? _side;
    private torch.Tensor? _noise; // [N, 1]
    private torch.Tensor? _rightHandSide;

    internal KernelSystem(SourceModel model, torch.Device device, Prior prior, SolvePlan plan, TaskData data)
    {
        _model = model;
        _device = device;
        _prior = prior;
        _plan = plan;
        _data = data;
    }

    public int Size => _data.Rows * _model.Spec.Outputs;

    public int Targets => 1;

    public IPreconditioner Preconditioner { get; private set; } = null!;

    public torch.Tensor RightHandSides => _rightHandSide!;

    public SolvedPosterior Posterior { get; private set; } = null!;

    public AdaptationReport Report { get; private set; } = null!;

    private bool InDouble => _plan.InDouble || _plan.CertifiesInDouble;

    public IEnumerable<ShardRequest?> Prepare(AnswerSlot answers)
    {
        yield return new ShardRequest(ShardQuestion.Begin, 1, 0, 0, _plan.Products, []);
        _side = new KernelSide(_model, _device, _prior, _data.Inputs, InDouble);
        using (DisposeScope scope = torch.NewDisposeScope())
        {
            torch.Tensor targets = TensorInterop.FromDoubles(
                _model.OutputStandardisation.Apply(_data.Targets).Values, [_data.Rows, _model.Spec.Outputs], torch.ScalarType.Float64, torch.CPU);
            Observations observations = Observations.Create(_side.Factors, targets, _prior, default);
            _noise = TensorInterop.Own(TensorInterop.FromDoubles(observations.Noise, [Size, 1], torch.ScalarType.Float64, _device));
            _rightHandSide = TensorInterop.Own(TensorInterop.FromDoubles(observations.Residuals, [Size, 1], torch.ScalarType.Float64, _device));
        }

        yield return null;
        double wanted = ResidualShare * _prior.NoiseVariance.Min();
        foreach (ShardRequest? part in _side.Factorise(_plan.PreconditionerSize, wanted))
        {
            yield return part;
        }

        Preconditioner = _plan.Preconditioner == PreconditionerKind.None ? new IdentityPreconditioner(Size) : Woodbury();
    }

    public torch.Tensor Outgoing(torch.Tensor vectors, ReadOnlySpan<int> columns) => vectors;

    public torch.Tensor Product(torch.Tensor vectors, ReadOnlySpan<int> columns, IReadOnlyList<byte[]> answers, bool inDouble)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor product = ShardRows.Concatenate(_plan, _model.Spec.Outputs, answers, columns.Length, inDouble || _plan.InDouble, _device);
        return TensorInterop.Return(product.add_(vectors * _noise!, Scalars.One));
    }

    public IEnumerable<ShardRequest?> Finish(torch.Tensor solution, SpectrumEstimate spectrum, AnswerSlot answers)
    {
        using torch.Tensor directions = TensorInterop.Own(RootDirections());
        using torch.Tensor products = TensorInterop.Own(torch.empty_like(directions));
        int t = (int)directions.shape[1];
        for (int start = 0; start < t; start += RootStep)
        {
            int count = Math.Min(RootStep, t - start);
            yield return Apply(directions, start, count);
            Fill(products, directions, start, count, answers.Current);
        }

        double evidence = LogEvidence(solution, spectrum);
        SolvedPosterior solved = Solved(solution, directions, products, evidence);
        yield return null;
        using var network = new SourceNetwork(_model, _device);
        using var posterior = new SolvedTaskPosterior(network, _prior, solved);
        TaskData sample = _data.SelectRows(RowSample.Within(new RowRange(0, _data.Rows), _data.Rows, _plan.ScoredRows, _plan.Seed));
        Report = SolveScores.Score(network, posterior, _prior, sample, Size, evidence, PosteriorSpace.Function);
        Posterior = solved with { EffectiveDimension = Report.EffectiveDimension };
    }

    public void Dispose()
    {
        Preconditioner?.Dispose();
        _side?.Dispose();
        _noise?.Dispose();
        _rightHandSide?.Dispose();
    }

    private LowRankPreconditioner Woodbury()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return new LowRankPreconditioner(_side!.Factor(), _noise!);
    }

    // An orthonormal basis of the span of Sigma^-1/2 F, times Sigma^-1/2, rounded to what is sent: then S^T C S has no eigenvalue much below 1.
    private torch.Tensor RootDirections()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor deviation = _noise!.sqrt();
        torch.Tensor factor = _side!.Factor();
        if (factor.shape[1] == 0)
        {
            // No parameter is free, or all rows are zero: nothing can be learned, along any direction.
            factor = torch.ones(Size, 1, dtype: torch.ScalarType.Float64, device: _device);
        }

        (torch.Tensor q, _) = torch.linalg.qr(factor / deviation);
        return TensorInterop.Return((q / deviation).to(VectorBlocks.TypeOf(InDouble)).to(torch.ScalarType.Float64));
    }

    private ShardRequest Apply(torch.Tensor directions, int start, int count)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        byte[] payload = VectorBlocks.ToBytes(directions.narrow(1, start, count).to(VectorBlocks.TypeOf(InDouble)));
        return new ShardRequest(ShardQuestion.Apply, count, 0, 0, InDouble ? ProductPrecision.Double : ProductPrecision.Single, payload);
    }

    private void Fill(torch.Tensor products, torch.Tensor directions, int start, int count, IReadOnlyList<byte[]> answers)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int[] columns = [.. Enumerable.Range(start, count)];
        products.narrow(1, start, count).copy_(Product(directions.narrow(1, start, count), columns, answers, InDouble));
    }

    private double LogEvidence(torch.Tensor solution, SpectrumEstimate spectrum)
    {
        using torch.Tensor product = _rightHandSide! * solution;
        double fit = TensorInterop.ToDoubles(product).Sum();
        return -0.5 * (fit + Preconditioner.LogDeterminant + spectrum.LogDeterminant + (Size * Math.Log(2 * Math.PI)));
    }

    private SolvedPosterior Solved(torch.Tensor solution, torch.Tensor directions, torch.Tensor products, double evidence)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor projected = torch.mm(directions.t(), products);
        projected = (projected + projected.t()) * TensorInterop.FromDoubles([0.5], [1], torch.ScalarType.Float64, _device);

        // Products are rounded: more of what is subtracted from than there is would make a variance too small, less cannot.
        double largest = TensorInterop.ToDoubles(projected.diagonal()).Max();
        double guard = largest * (InDouble ? 1e-14 : 2e-7);
        projected.diagonal().add_(TensorInterop.FromDoubles([guard], [1], torch.ScalarType.Float64, _device), Scalars.One);
        (torch.Tensor factor, _) = Factorisation.Cholesky(projected, "projected covariance");
        int t = (int)directions.shape[1];
        return new SolvedPosterior
        {
            Form = SolvedForm.Projected,
            MeanParameters = TensorInterop.ToDoubles(_side!.MeanParameters(solution)),
            Inputs = _data.Inputs,
            Directions = new RowMatrix(Size, t, TensorInterop.ToDoubles(directions)),
            Factor = new RowMatrix(t, t, TensorInterop.ToDoubles(factor)),
            VarianceScale = 1,
            LogEvidence = evidence,
            EffectiveDimension = double.NaN,
        };
    }
}
