using AdaptCluster.Numerics.Adaptation;

namespace AdaptCluster.Numerics.Planning;

/// <summary>What direct solves cost: fp64, on one device.</summary>
internal static class DirectPlans
{
    /// <summary>The largest matrix that is factorised directly: 512 MB.</summary>
    internal const int MaxSize = 8_192;

    /// <summary>The most rows times parameters that a direct solve in parameter space reads.</summary>
    private const double MaxWork = 4L << 30;

    private const double Efficiency = 0.6;

    /// <summary>A direct solve is done again where its result is lost, and its task answers nothing else: beyond this the solve is to be one that survives.</summary>
    private const double MaxSeconds = 120;

    /// <summary>A Gaussian process over the observations.</summary>
    internal static PlanCandidate Function(TaskSize size, PlanDevice device)
    {
        double side = size.HasIndependentOutputs ? size.Rows : size.Observations;
        double flops = SpaceChoice.FunctionFlops(size.Spec, size.Prior, size.Rows) + (size.Rows * size.LineariseFlops);
        double bytes = (8 * ((3 * side * side) + (size.Rows * (double)size.FactorNumbers))) + size.DataBytes;
        string? reason = side > MaxSize ? $"{side:N0} observations are more than the {MaxSize:N0} of a direct solve" : null;
        return Candidate("direct, function space", flops, bytes, device, reason);
    }

    /// <summary>The same with a matrix in fp32 and a refined solution: half the memory, a part at a time, leave-one-out scores of some rows.</summary>
    internal static PlanCandidate Refined(TaskSize size, PlanDevice device)
    {
        double n = size.Observations;
        double scored = Math.Min(n, 512);
        double flops = (size.Rows * size.LineariseFlops) + (size.PairFlops * size.Rows * size.Rows / 2) + (n * n * n / 3) + (n * n * scored) + (8 * n * n);
        double bytes = (4 * ((n * n) + (n * 1_024) + (2.0 * size.Rows * size.FactorNumbers) + (4e7 * size.Spec.Outputs))) + size.DataBytes;
        double seconds = flops / (device.SingleFlops * Efficiency);
        string? reason = size.HasIndependentOutputs ? "independent outputs are solved one by one, in fp64"
            : n > int.MaxValue / 4 ? $"{n:N0} observations are too many for a matrix"
            : seconds > MaxSeconds ? $"it would take {seconds:N0} s on one device"
            : null;
        return Candidate("direct, function space, fp32 refined", flops, bytes, device, reason) with { IsRefined = true, Seconds = seconds };
    }

    /// <summary>A Bayesian linear model over the free parameters.</summary>
    internal static PlanCandidate Parameter(TaskSize size, PlanDevice device)
    {
        double flops = SpaceChoice.ParameterFlops(size.Free, size.Spec, size.Prior, size.Rows) + (size.Rows * size.LineariseFlops);
        double bytes = (8 * ((3 * size.Free * size.Free) + (size.Rows * (double)size.FactorNumbers))) + size.DataBytes;
        string? reason = size.Free == 0 ? "no parameter is free"
            : size.Free > MaxSize ? $"{size.Free:N0} free parameters are more than the {MaxSize:N0} of a direct solve"
            : size.Observations * size.Spec.ParameterCount > MaxWork ? $"{size.Observations:N0} observations times {size.Spec.ParameterCount:N0} parameters are too much work for one solve"
            : null;
        return Candidate("direct, parameter space", flops, bytes, device, reason);
    }

    private static PlanCandidate Candidate(string name, double flops, double bytes, PlanDevice device, string? reason) => new()
    {
        Name = name,
        Reason = reason ?? (bytes > device.TotalBytes
            ? $"it needs {SolvePlanner.Megabytes(bytes)}, and {device.Name} has {SolvePlanner.Megabytes(device.TotalBytes)} for solves"
            : null),
        Flops = flops,
        ShardBytes = (long)bytes,
        Seconds = flops / (device.DoubleFlops * Efficiency),
    };
}
