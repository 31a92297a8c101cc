using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Panels;

/// <summary>
/// All targets of a panel at once: column t of the block solves (s_t M_t K M_t + noise_t) alpha_t = M_t (y_t - m), and all columns share every product
/// with K. What a target did not observe stays zero throughout.
/// </summary>
internal sealed class PanelSystem : ISolveSystem
{
    /// <summary>
    /// What F may leave of the kernel in all (the residual's trace), in noise variances: no eigenvalue of it is larger, and in the directions that data
    /// determine a variance is too large by no more than this share.
    /// </summary>
    private const double ResidualShare = 0.01;

    /// <summary>T r^2: the numbers of all targets' inner matrices. Twice or four times as many save fewer iterations than making them costs.</summary>
    private const long InnerNumbers = 1L << 23;

    /// <summary>So many times more columns of F are looked at than leading ones are made of them.</summary>
    private const int LookedAt = 4;

    private const int PowerColumns = 8;
    private const int PowerSteps = 6;

    /// <summary>What a power iteration that stops early may have missed.</summary>
    private const double PowerSafety = 1.1;

    private readonly SourceModel _model;
    private readonly torch.Device _device;
    private readonly Prior _prior;
    private readonly SolvePlan _plan;
    private readonly RowMatrix _inputs;
    private readonly PanelTargets _targets;
    private KernelSide? _side;
    private torch.Tensor? _mask; // [N, T]
    private torch.Tensor? _noise; // [N, T]
    private torch.Tensor? _scales; // [T]
    private torch.Tensor? _rightHandSides;
    private double _largestResidual;

    internal PanelSystem(SourceModel model, torch.Device device, Prior prior, SolvePlan plan, RowMatrix inputs, PanelTargets targets)
    {
        _model = model;
        _device = device;
        _prior = prior;
        _plan = plan;
        _inputs = inputs;
        _targets = targets;
    }

    public int Size => _inputs.Rows * _model.Spec.Outputs;

    public int Targets => _targets.Count;

    public IPreconditioner Preconditioner { get; private set; } = null!;

    public torch.Tensor RightHandSides => _rightHandSides!;

    private bool InDouble => _plan.InDouble || _plan.CertifiesInDouble;

    public IEnumerable<ShardRequest?> Prepare(AnswerSlot answers)
    {
        yield return new ShardRequest(ShardQuestion.Begin, 1, 0, 0, _plan.Products, []);
        _side = new KernelSide(_model, _device, _prior, _inputs, InDouble);
        Upload();
        yield return null;
        double smallest = Enumerable.Range(0, Targets).Min(t => _targets.NoiseScales[t] / _targets.PriorScales[t]);
        foreach (ShardRequest? part in _side.Factorise(_plan.PreconditionerSize, ResidualShare / Size * smallest * _prior.NoiseVariance.Min()))
        {
            yield return part;
        }

        using DisposeScope scope = torch.NewDisposeScope();
        Preconditioner = _plan.Preconditioner == PreconditionerKind.None
            ? new IdentityPreconditioner(Size)
            : new PanelPreconditioner(LeadingColumns(), _mask!, _noise!, _scales!);
    }

    /// <summary>As they are: what a target did not observe is zero in its right-hand side, and neither product nor preconditioner changes that.</summary>
    public torch.Tensor Outgoing(torch.Tensor vectors, ReadOnlySpan<int> columns) => vectors.alias();

    public torch.Tensor Product(torch.Tensor vectors, ReadOnlySpan<int> columns, IReadOnlyList<byte[]> answers, bool inDouble)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor product = ShardRows.Concatenate(_plan, _model.Spec.Outputs, answers, columns.Length, inDouble || _plan.InDouble, _device);
        torch.Tensor mask = Select(_mask!, columns);
        torch.Tensor noise = Select(_noise!, columns);
        using torch.Tensor index = Index(columns);
        torch.Tensor scales = _scales!.index_select(0, index);
        foreach ((long start, long count) in RowChunks.Of(Size, columns.Length))
        {
            using DisposeScope inner = torch.NewDisposeScope();
            product.narrow(0, start, count).mul_(mask.narrow(0, start, count)).mul_(scales)
                .add_(vectors.narrow(0, start, count) * noise.narrow(0, start, count), Scalars.One);
        }

        return TensorInterop.Return(product);
    }

    /// <summary>The largest eigenvalue of what F leaves of the kernel, by a block power iteration.</summary>
    internal IEnumerable<ShardRequest?> Finish(AnswerSlot answers)
    {
        torch.Tensor block = TensorInterop.Own(SeededNormals.Columns(Size, PowerColumns, _plan.Seed, _device));
        try
        {
            for (int step = 0; step < PowerSteps; step++)
            {
                block = Replaced(block, Orthonormal(block).to(VectorBlocks.TypeOf(_plan.InDouble)));
                yield return new ShardRequest(ShardQuestion.Apply, PowerColumns, 0, 0, _plan.Products, VectorBlocks.ToBytes(block));
                block = Replaced(block, PowerStep(block, answers.Current));
            }
        }
        finally
        {
            block.Dispose();
        }
    }

    /// <summary>What predictions need, once finished.</summary>
    /// <param name="solution">alpha, [N, T], fp64.</param>
    internal PanelSolution Solved(torch.Tensor solution)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor factor = FactorOrZero();
        double[] fits = TensorInterop.ToDoubles((_rightHandSides! * solution).sum(dim: 0));
        double[] logs = Preconditioner is PanelPreconditioner p ? p.LogDeterminants(_scales!) : [.. Enumerable.Repeat(double.NaN, Targets)];
        return new PanelSolution
        {
            Inputs = _inputs,
            Alphas = new RowMatrix(Size, Targets, TensorInterop.ToDoubles(solution)),
            Factor = new RowMatrix(Size, (int)factor.shape[1], TensorInterop.ToDoubles(factor)),
            LargestResidual = _largestResidual,
            LogEvidences =
            [
                .. Enumerable.Range(0, Targets).Select(t =>
                    -0.5 * (fits[t] + logs[t] + ((double)_targets.ObservedRows(t) * _model.Spec.Outputs * Math.Log(2 * Math.PI)))),
            ],
        };
    }

    public void Dispose()
    {
        Preconditioner?.Dispose();
        _side?.Dispose();
        _mask?.Dispose();
        _noise?.Dispose();
        _scales?.Dispose();
        _rightHandSides?.Dispose();
    }

    // (K - F F^T) V from the shards' K V, and with it the largest Ritz value plus its residual: an eigenvalue is no further from it than that.
    private torch.Tensor PowerStep(torch.Tensor sent, IReadOnlyList<byte[]> answers)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor vectors = sent.to(torch.ScalarType.Float64);
        torch.Tensor product = ShardRows.Concatenate(_plan, _model.Spec.Outputs, answers, PowerColumns, _plan.InDouble, _device);
        torch.Tensor factor = FactorOrZero();
        product.sub_(torch.mm(factor, torch.mm(factor.t(), vectors)));
        (torch.Tensor values, torch.Tensor ritz) = torch.linalg.eigh(torch.mm(vectors.t(), product));
        torch.Tensor top = ritz.narrow(1, PowerColumns - 1, 1);
        double value = TensorInterop.ToDoubles(values)[^1];
        torch.Tensor rest = torch.mm(product, top).sub_(torch.mm(vectors, top).mul_(values.narrow(0, PowerColumns - 1, 1)));
        _largestResidual = PowerSafety * (Math.Max(0, value) + Math.Sqrt(TensorInterop.ToDoubles(rest.square()).Sum()));
        return TensorInterop.Return(product);
    }

    private static torch.Tensor Orthonormal(torch.Tensor block)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor q, _) = torch.linalg.qr(block);
        return TensorInterop.Return(q);
    }

    private static torch.Tensor Replaced(torch.Tensor old, torch.Tensor next)
    {
        old.Dispose();
        return TensorInterop.Own(next);
    }

    private void Upload()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int c = _model.Spec.Outputs;
        torch.Tensor values = Double(_targets.Standardised(_model), Size, Targets);
        if (_prior.Mean == PriorMean.Source)
        {
            values.sub_(PriorFunctions.ToDouble(_side!.Factors.Output).reshape(-1, 1));
        }

        _mask = TensorInterop.Own(Double(_targets.Mask(), Size, Targets));
        _rightHandSides = TensorInterop.Own(values.mul_(_mask));
        torch.Tensor rows = Double([.. Enumerable.Range(0, Size).Select(i => _prior.NoiseOf(i % c))], Size, 1);
        _noise = TensorInterop.Own(rows * Double([.. _targets.NoiseScales], 1, Targets));
        _scales = TensorInterop.Own(Double([.. _targets.PriorScales], 1, Targets).view(-1));
    }

    // A matrix per target: only as many columns as memory and time allow for all of them, F V for the largest eigenvalues of F^T F. The first columns
    // of F itself would leave several times as much.
    private torch.Tensor LeadingColumns()
    {
        torch.Tensor factor = FactorOrZero();
        long most = Math.Max(16, (long)Math.Sqrt(InnerNumbers / (double)Targets));
        if (factor.shape[1] <= most)
        {
            return factor;
        }

        long looked = Math.Min(factor.shape[1], LookedAt * most);
        torch.Tensor first = factor.narrow(1, 0, looked);
        (_, torch.Tensor vectors) = torch.linalg.eigh(torch.mm(first.t(), first));
        return torch.mm(first, vectors.narrow(1, looked - most, most));
    }

    private torch.Tensor FactorOrZero()
    {
        torch.Tensor factor = _side!.Factor();
        return factor.shape[1] > 0 ? factor : torch.zeros(Size, 1, dtype: torch.ScalarType.Float64, device: _device);
    }

    private torch.Tensor Double(double[] values, long rows, long columns) =>
        TensorInterop.FromDoubles(values, [rows, columns], torch.ScalarType.Float64, _device);

    private torch.Tensor Index(ReadOnlySpan<int> columns) =>
        torch.tensor(Array.ConvertAll(columns.ToArray(), j => (long)j), device: _device);

    private torch.Tensor Select(torch.Tensor tensor, ReadOnlySpan<int> columns)
    {
        if (columns.Length == Targets)
        {
            return tensor;
        }

        using torch.Tensor index = Index(columns);
        return tensor.index_select(1, index);
    }
}
