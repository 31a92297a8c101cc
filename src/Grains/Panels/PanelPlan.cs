using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Planning;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Panels;

/// <summary>How a panel's blocks are solved, and how much memory that takes.</summary>
internal sealed class PanelPlan
{
    /// <summary>
    /// Of a processor as most have it: a plan that followed the measured speed would be another one on the next silo, and with it
    /// the last bits of the numbers.
    /// </summary>
    private const double SingleFlops = 1e11;

    private const double DoubleFlops = 5e10;

    /// <summary>
    /// The most columns of the pivoted factor, which ends earlier where little is left. All targets share it, and what it leaves of the
    /// kernel is what their variances are too large by: more than a single task's preconditioner would take.
    /// </summary>
    private const int MostPivots = 1_024;

    /// <summary>Vectors of a column at the same time: the recurrence's, what they are made of, and the copies in between.</summary>
    private const int VectorsPerColumn = 18;

    /// <summary>Numbers of all columns' preconditioners, and of one group while they are made.</summary>
    private const double PreconditionerNumbers = 1 << 24;

    private readonly double _size;
    private readonly long _sharedBytes;

    private PanelPlan(SolvePlan plan, double size, long sharedBytes)
    {
        Plan = plan;
        _size = size;
        _sharedBytes = sharedBytes;
    }

    /// <summary>What the solve follows.</summary>
    public SolvePlan Plan { get; }

    /// <summary>Flops of one product with a block.</summary>
    public double FlopsPerProduct(int targets) => 2 * _size * _size * targets;

    /// <summary>Plans for a panel.</summary>
    /// <param name="panel">Its name, for errors.</param>
    /// <param name="spec">The network.</param>
    /// <param name="prior">The prior.</param>
    /// <param name="rows">n.</param>
    /// <param name="budget">The device's bytes for solves.</param>
    /// <exception cref="InvalidInputException">The prior has independent outputs, a shift or directions, or not even one target fits the memory.</exception>
    public static PanelPlan For(string panel, NetworkSpec spec, Prior prior, int rows, long budget)
    {
        if (prior.Coupling == OutputCoupling.Independent && spec.Outputs > 1)
        {
            throw new InvalidInputException(
                $"panel '{panel}'", "the source's prior has independent outputs, which a block cannot solve", "fit or set a prior with --outputs together, or adapt tasks of their own");
        }

        if (prior.HasMoves)
        {
            throw new InvalidInputException(
                $"panel '{panel}'", "the source's prior has a learned shift or directions, which a block cannot solve", "fit a prior with --rank 0, or adapt tasks of their own");
        }

        var device = new PlanDevice("the device", SingleFlops, DoubleFlops, budget, budget);
        try
        {
            var options = new PlanOptions
            {
                Layout = SolveLayout.KernelRows,
                Shards = 1,
                PreconditionerSize = (int)Math.Min(MostPivots, (long)rows * spec.Outputs),
            };
            PlanCandidate chosen = SolvePlanner.Plan(spec, prior, rows, [device], options).Chosen;
            var plan = new PanelPlan(chosen.Plan! with { Probes = 1 }, (double)rows * spec.Outputs, chosen.ShardBytes + chosen.CoordinatorBytes);
            return plan.BytesFor(1) <= budget ? plan : throw TooLarge(panel, plan.BytesFor(1), budget);
        }
        catch (PlanInfeasibleException error)
        {
            throw TooLarge(panel, error.NeededBytes, budget);
        }
    }

    /// <summary>The memory of a block.</summary>
    public long BytesFor(int targets)
    {
        double rank = Math.Min(Plan.PreconditionerSize, Math.Max(16, Math.Sqrt(PreconditionerNumbers / targets)));
        double preconditioner = (2 * targets * rank * rank) + Math.Min(PreconditionerNumbers, targets * _size * rank);
        return _sharedBytes + (long)(8 * ((VectorsPerColumn * _size * targets) + preconditioner));
    }

    /// <summary>The most targets of one block.</summary>
    public int MostTargets(long budget)
    {
        int most = IPanelGrain.MaxBlock;
        while (most > 1 && BytesFor(most) > budget)
        {
            most /= 2;
        }

        return most;
    }

    private static InvalidInputException TooLarge(string panel, long needed, long budget) => new(
        $"panel '{panel}'",
        $"its solve needs {Megabytes(needed)} MB, and the device has {Megabytes(budget)} MB for solves",
        "give fewer inputs, adapt fewer parameters, or give the silo more memory for solves");

    private static string Megabytes(long bytes) => $"{Math.Max(1, bytes / 1_000_000):N0}";
}
