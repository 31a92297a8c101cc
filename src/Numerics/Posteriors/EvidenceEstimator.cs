using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Posteriors;

/// <summary>One estimate of <see cref="StochasticEvidence"/>. Column 0 of every block is the residual r, the others are probes.</summary>
internal sealed class EvidenceEstimator(JacobianFactors train, Observations observations, Prior prior, StochasticEvidenceOptions options, int stream)
{
    /// <summary>The preconditioner is near enough when what it leaves of the kernel's mean diagonal is this part of the smallest noise.</summary>
    private const double RestOfNoise = 0.1;

    /// <summary>A residual that is computed anew may be so much larger than the recurrence's before the column counts as stagnated.</summary>
    private const double Drift = 10;

    /// <summary>Residuals of ill-conditioned systems stay up for hundreds of steps before they fall.</summary>
    private const int Patience = 300;

    internal StochasticEvidenceValue Run()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor noise = Column(observations.Noise);
        torch.Tensor residuals = Column(observations.Residuals);
        using LowRankPreconditioner preconditioner = Precondition(noise);
        torch.Tensor normals = SeededNormals.Columns(preconditioner.NormalsPerSample, options.Probes, Seed, train.Device);
        torch.Tensor probes = preconditioner.Sample(normals);
        torch.Tensor rightHandSides = torch.cat([residuals, probes], dim: 1);
        using var kernel = new KernelProductOperator(train, prior.BlockScales.AsSpan());
        using ConjugateGradients solver = Solve(kernel, noise, rightHandSides, preconditioner);
        torch.Tensor rest = Rest(kernel, noise, rightHandSides, solver.Solution);
        (SolveStatus status, double largest) = Judge(solver, rest);

        torch.Tensor alpha = solver.Solution.narrow(1, 0, 1);
        (double logDeterminant, double deviation) = SampleMean.Of([.. solver.Columns.Skip(1).Select(LanczosQuadrature.LogQuadratic)]);

        // r^T x + x^T (r - C x) is wrong by the square of x's error only.
        double fit = TensorInterop.ToDoubles((alpha * (residuals + rest.narrow(1, 0, 1))).sum(dim: 0))[0];
        double value = -0.5 * (fit + logDeterminant + preconditioner.LogDeterminant + (observations.Count * Math.Log(2 * Math.PI)));

        // tr(C^-1 dC) = E[u^T dC w], u = C^-1 z, w = P^-1 z.
        torch.Tensor u = solver.Solution.narrow(1, 1, options.Probes);
        torch.Tensor w = preconditioner.Solve(probes, [.. Enumerable.Range(1, options.Probes)]);
        ((double[] blocks, double[] blockErrors), (double[] noises, double[] noiseErrors)) = (Blocks(alpha, u, w), Noises(alpha, u, w));
        return new StochasticEvidenceValue(
            new EvidenceValue(value, new EvidenceGradient([.. blocks], [.. noises]), observations.Count),
            0.5 * deviation,
            new EvidenceGradient([.. blockErrors], [.. noiseErrors]),
            status,
            largest,
            solver.Iteration,
            (int)preconditioner.Factor.shape[1]);
    }

    // A seed for every output: seeds in a row, as people choose them, do not share probes.
    private int Seed => unchecked(options.Seed + (stream * 486_187_739));

    private LowRankPreconditioner Precondition(torch.Tensor noise)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor diagonal = PriorFunctions.ToDouble(train.Diagonal(prior.BlockScales.AsSpan()));
        (torch.Tensor factor, _) = PivotedCholesky.Factorise(diagonal, Row, options.PreconditionerRank, RestOfNoise * observations.Noise.Min());
        return new LowRankPreconditioner(factor, noise);
    }

    // Row i of the kernel, [N], fp64.
    private torch.Tensor Row(int i)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors input = train.Slice(i / train.Outputs, 1);
        return TensorInterop.Return(PriorFunctions.ToDouble(input.CrossGram(train, prior.BlockScales.AsSpan()).select(0, i % train.Outputs)));
    }

    private ConjugateGradients Solve(KernelProductOperator kernel, torch.Tensor noise, torch.Tensor rightHandSides, LowRankPreconditioner preconditioner)
    {
        var solver = new ConjugateGradients(rightHandSides, preconditioner, new ConjugateGradientOptions
        {
            RelativeTolerance = options.RelativeTolerance,
            MaxIterations = options.MaxIterations,
            Patience = Patience,
            DirectionType = train.DType,
        });
        while (!solver.IsDone)
        {
            using DisposeScope step = torch.NewDisposeScope();
            solver.Step(Product(kernel, noise, solver.Directions));
        }

        return solver;
    }

    // C v, fp64: the noise is not rounded with the kernel.
    private static torch.Tensor Product(KernelProductOperator kernel, torch.Tensor noise, torch.Tensor v) =>
        PriorFunctions.ToDouble(kernel.Apply(v)).add_(PriorFunctions.ToDouble(v) * noise);

    // B - C X, with X in two parts where products are in single precision: the rounding of X would hide the residual.
    private torch.Tensor Rest(KernelProductOperator kernel, torch.Tensor noise, torch.Tensor rightHandSides, torch.Tensor solution)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor high = solution.to(train.DType);
        torch.Tensor rest = rightHandSides - Product(kernel, noise, high);
        if (train.DType != torch.ScalarType.Float64)
        {
            torch.Tensor low = solution - high.to(torch.ScalarType.Float64);
            rest.sub_(Product(kernel, noise, low.to(train.DType)));
        }

        return TensorInterop.Return(rest);
    }

    private (SolveStatus Status, double Largest) Judge(ConjugateGradients solver, torch.Tensor rest)
    {
        double[] norms = TensorInterop.ToDoubles(rest.square().sum(dim: 0).sqrt());
        var worst = SolveStatus.Converged;
        double largest = 0;
        for (int j = 0; j < norms.Length; j++)
        {
            CgColumn column = solver.Columns[j];
            double relative = column.RightHandSide == 0 ? 0 : norms[j] / column.RightHandSide;
            SolveStatus status = column.Status == SolveStatus.Converged && !(relative <= Drift * options.RelativeTolerance) ? SolveStatus.Stagnated : column.Status;
            worst = (SolveStatus)Math.Max((int)worst, (int)status);
            largest = Math.Max(largest, relative);
        }

        return (worst, largest);
    }

    // theta_b / 2 (|J_b^T alpha|^2 - mean (J_b^T u)^T (J_b^T w)) of every block, and the standard errors.
    private (double[] Values, double[] Errors) Blocks(torch.Tensor alpha, torch.Tensor u, torch.Tensor w)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int s = options.Probes;
        torch.Tensor pulled = PriorFunctions.ToDouble(train.ApplyTranspose(torch.cat([alpha, u, w], dim: 1).to(train.DType)));
        torch.Tensor squares = pulled.narrow(1, 0, 1).square();
        torch.Tensor products = pulled.narrow(1, 1, s).mul_(pulled.narrow(1, 1 + s, s));
        return Combine([.. train.Spec.Blocks.Select((block, b) => (
            Factor: prior.BlockScales[b],
            Square: TensorInterop.ToDoubles(squares.narrow(0, block.Offset, block.Count).sum(dim: 0))[0],
            Traces: TensorInterop.ToDoubles(products.narrow(0, block.Offset, block.Count).sum(dim: 0))))]);
    }

    // 1/2 sum noise_i (alpha_i^2 - mean u_i w_i) of every noise variance, and the standard errors.
    private (double[] Values, double[] Errors) Noises(torch.Tensor alpha, torch.Tensor u, torch.Tensor w)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int groups = prior.NoiseVariance.Length;
        torch.Tensor noise = Column(observations.Noise);
        torch.Tensor squares = (alpha.square() * noise).view(-1, groups, 1).sum(dim: 0);
        torch.Tensor traces = (u * w).mul_(noise).view(-1, groups, options.Probes).sum(dim: 0);
        return Combine([.. Enumerable.Range(0, groups).Select(o => (
            Factor: 1.0, Square: TensorInterop.ToDoubles(squares.select(0, o))[0], Traces: TensorInterop.ToDoubles(traces.select(0, o))))]);
    }

    private static (double[] Values, double[] Errors) Combine((double Factor, double Square, double[] Traces)[] parts)
    {
        var values = new double[parts.Length];
        var errors = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            (double trace, double error) = SampleMean.Of(parts[i].Traces);
            values[i] = 0.5 * parts[i].Factor * (parts[i].Square - trace);
            errors[i] = 0.5 * parts[i].Factor * error;
        }

        return (values, errors);
    }

    private torch.Tensor Column(double[] values) => TensorInterop.FromDoubles(values, [values.Length, 1], torch.ScalarType.Float64, train.Device);
}
