using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// The rounds of a solve: one run of the recurrence with cheap products, then a residual recomputed with better ones, until that residual is small or gets no
/// smaller.
/// </summary>
/// <remarks>Iterative refinement: Higham, <em>Accuracy and Stability of Numerical Algorithms</em>, chapter 12.</remarks>
internal sealed class SolveRounds(SolvePlan plan, ISolveSystem system, torch.Device device)
{
    private const int MostRounds = 10;

    /// <summary>
    /// What fp32 products can make of an error before they stop doing what the recurrence believes: 1.6e-5 on 4,096 observations of a 64-64 network. Steps
    /// beyond it would have to be done again.
    /// </summary>
    private const double SingleReduction = 5e-5;

    private readonly int[] _columns = [.. Enumerable.Range(0, system.Targets)];

    private bool Certifies => plan.Certificate == ProductPrecision.Double;

    /// <summary>The first round: the right-hand sides and, of a task, the probes. The caller disposes it.</summary>
    internal RoundState Begin()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rightHandSides = system.RightHandSides;
        if (system is ITaskSystem)
        {
            torch.Tensor normals = Posteriors.SeededNormals.Columns(system.Preconditioner.NormalsPerSample, plan.Probes, plan.Seed, device);
            rightHandSides = torch.cat([rightHandSides, system.Preconditioner.Sample(normals)], dim: 1);
        }

        return new RoundState
        {
            Relative = [.. Enumerable.Repeat(1.0, system.Targets)],
            Solution = TensorInterop.Own(torch.zeros_like(system.RightHandSides)),
            Recurrence = new ConjugateGradients(rightHandSides, system.Preconditioner, Options(1, 1)),
        };
    }

    /// <summary>Where a checkpoint was made. The caller disposes it.</summary>
    /// <exception cref="InvalidDataException">It is no checkpoint of this system.</exception>
    internal RoundState Resume(byte[] checkpoint) => RoundState.Parse(checkpoint, Options, system, device);

    /// <summary>The next product of the recurrence.</summary>
    internal ShardRequest AskForProduct(RoundState state) => Ask(state.Recurrence.Directions, state.Recurrence.Active, plan.Products);

    /// <summary>A step of the recurrence.</summary>
    internal void Step(RoundState state, IReadOnlyList<byte[]> answers)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ConjugateGradients recurrence = state.Recurrence;
        recurrence.Step(system.Product(recurrence.Directions, recurrence.Active, answers, plan.InDouble));
    }

    /// <summary>X, with the round that has just ended. In the caller's dispose scope.</summary>
    internal torch.Tensor SolutionOf(RoundState state)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(state.Solution + state.Recurrence.Solution.narrow(1, 0, system.Targets));
    }

    /// <summary>The product that the residual of X needs.</summary>
    internal ShardRequest AskForResidual(torch.Tensor solution) => Ask(solution, _columns, plan.Certificate);

    /// <summary>What the recomputed residual says: how the solve ended, or null, and the next round has begun.</summary>
    internal SolveStatistics? Judge(RoundState state, torch.Tensor solution, IReadOnlyList<byte[]> answers)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ConjugateGradients ended = state.Recurrence;
        state.Spectrum ??= SpectrumEstimate.Of(ended.Columns, system.Targets);
        state.Iterations += ended.Iteration;
        state.Solution.Dispose();
        state.Solution = TensorInterop.Own(solution.clone());
        torch.Tensor residual = system.RightHandSides - system.Product(solution, _columns, answers, inDouble: true);
        (state.Relative, double[] errors) = Measure(residual);

        // In multiples of what is asked for.
        double[] excess = [.. _columns.Select(j => Math.Max(state.Relative[j] / plan.Tolerance, Certifies ? errors[j] / plan.ErrorTolerance : 0))];
        SolveStatus status = Status(state, ended, Largest(excess));
        if (status != SolveStatus.Running)
        {
            return state.Ended = new SolveStatistics(status, state.Iterations, state.Rounds, Largest(state.Relative), Largest(errors), PreconditionerSize());
        }

        state.Before = Largest(state.Relative);
        state.Excess = Largest(excess);
        state.Rounds++;

        // Columns that are good stay as they are: with nothing on their right-hand side they do not enter the next round.
        double[] goOn = Array.ConvertAll(excess, e => e <= 1 ? 0.0 : 1.0);
        residual.mul_(TensorInterop.FromDoubles(goOn, [1, goOn.Length], torch.ScalarType.Float64, device));
        state.Recurrence = new ConjugateGradients(residual, system.Preconditioner, Options(state.Rounds, state.Before));
        ended.Dispose();
        return null;
    }

    private SolveStatus Status(RoundState state, ConjugateGradients ended, double excess)
    {
        if (!double.IsFinite(excess))
        {
            return SolveStatus.Breakdown;
        }

        if (excess <= 1)
        {
            return SolveStatus.Converged;
        }

        // The worst of the columns: what a round could not do in all its steps, another will not.
        SolveStatus worst = ended.Columns.Take(system.Targets).Max(c => c.Status);
        bool helps = excess < 0.5 * state.Excess && state.Rounds < MostRounds && worst != SolveStatus.IterationLimit;
        return helps ? SolveStatus.Running : worst > SolveStatus.Converged ? worst : SolveStatus.Stagnated;
    }

    private ConjugateGradientOptions Options(int round, double before) => new()
    {
        // The recurrence of rounded products seems to do better than it does: the first round stops early, and a short second one starts from what is true.
        RelativeTolerance = round == 1 ? (plan.InDouble ? 0.5 : 2) * plan.Tolerance : Math.Min(0.3, 0.4 * plan.Tolerance / Math.Max(before, 1e-300)),
        ErrorTolerance = Certifies ? 0.5 * plan.ErrorTolerance : double.PositiveInfinity,
        ErrorReduction = round == 1 && Certifies && !plan.InDouble ? SingleReduction : 0,
        FirstProbe = system.Targets,
        MaxIterations = plan.MaxIterations,

        // Plateaus of ill-conditioned systems, measured: up to 77 steps with a preconditioner, 671 without.
        Patience = plan.Preconditioner == PreconditionerKind.None ? 700 : 100,
        DirectionType = VectorBlocks.TypeOf(plan.InDouble),
    };

    private ShardRequest Ask(torch.Tensor vectors, ReadOnlySpan<int> columns, ProductPrecision precision)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor sent = system.Outgoing(vectors, columns).to(VectorBlocks.TypeOf(precision != ProductPrecision.Single));
        return new ShardRequest(ShardQuestion.Apply, columns.Length, 0, 0, precision, VectorBlocks.ToBytes(sent));
    }

    private (double[] Relative, double[] Errors) Measure(torch.Tensor residual)
    {
        double[] norms = TensorInterop.ToDoubles(residual.square().sum(dim: 0));
        double[] targets = TensorInterop.ToDoubles(system.RightHandSides.square().sum(dim: 0));
        double[] errors = TensorInterop.ToDoubles((residual * system.Preconditioner.Solve(residual, _columns)).sum(dim: 0));
        return (
            [.. norms.Zip(targets, (norm, target) => Math.Sqrt(target == 0 ? norm : norm / target))],
            Array.ConvertAll(errors, e => Math.Sqrt(Math.Max(0, e))));
    }

    private static double Largest(double[] values) => Array.Exists(values, double.IsNaN) ? double.NaN : values.Max();

    private int PreconditionerSize() => system.Preconditioner switch
    {
        LowRankPreconditioner p => (int)p.Factor.shape[1],
        PanelPreconditioner p => p.Rank,
        IdentityPreconditioner => 0,
        _ => Math.Min(plan.PreconditionerSize, plan.Rows),
    };
}
