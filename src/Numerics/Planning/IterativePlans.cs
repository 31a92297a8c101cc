using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Numerics.Planning;

/// <summary>What iterative solves cost, in both layouts.</summary>
internal static class IterativePlans
{
    /// <summary>Up to so many free parameters their Gram matrix is the preconditioner; beyond, the kernel of sampled rows.</summary>
    private const int MaxGram = 8_192;

    private const int MostSampledRows = 4_096;
    private const int MostPivots = 1_024;

    /// <summary>Observations up to which a mean is asked for to a part of a prior deviation: beyond, what data determine is far finer than that.</summary>
    private const int MostCertified = 20_000;

    /// <summary>Seconds that a certificate in fp64 may take.</summary>
    private const double CertificateSeconds = 2;

    /// <summary>Flops up to which the Gram matrix of all rows is formed: it is the system, and its variance exact.</summary>
    private const double ExactGramFlops = 4e11;

    private const double SameSpeed = 0.4;
    private const double Efficiency = 0.5;
    private const double MessageSeconds = 1e-3;
    private const double WireBytesPerSecond = 4e8;

    /// <summary>Every layout and number of shards that the options leave open.</summary>
    internal static IEnumerable<PlanCandidate> All(TaskSize size, IReadOnlyList<PlanDevice> devices, PlanOptions options)
    {
        if (size.HasIndependentOutputs)
        {
            yield return Impossible("iterative", "independent outputs are solved one by one, directly");
            yield break;
        }

        int most = Math.Min(devices.Count, size.Rows);
        int[] shards = options.Shards is { } fixedCount ? [Math.Min(fixedCount, size.Rows)] : most == 1 ? [1] : [1, most];
        foreach (int count in shards)
        {
            foreach (bool keeps in options.KeepsFactors is { } kept ? (bool[])[kept] : [true, false])
            {
                if (options.Layout is null or SolveLayout.KernelRows)
                {
                    yield return KernelRows(size, devices, count, keeps, options);
                }

                if (options.Layout is null or SolveLayout.ParameterSpace)
                {
                    yield return ParameterSpace(size, devices, count, keeps, options);
                }
            }
        }
    }

    private static PlanCandidate KernelRows(TaskSize size, IReadOnlyList<PlanDevice> devices, int shards, bool keeps, PlanOptions options)
    {
        string name = Name("kernel rows", shards, keeps);
        if (options.Preconditioner is PreconditionerKind.SampledGram or PreconditionerKind.SampledRows)
        {
            return Impossible(name, $"'{options.Preconditioner}' is a preconditioner of parameter space");
        }

        double n = size.Observations;
        double pairs = size.PairFlops * size.Rows * size.Rows;
        if (n > int.MaxValue / 8)
        {
            return Impossible(name, $"{n:N0} observations are too many for rows of a kernel");
        }

        PlanDevice first = devices[0];
        int rank = options.PreconditionerSize ?? (int)Math.Min(MostPivots, n);
        bool inDouble = options.InDouble ?? false;
        bool certifies = options.CertifiesInDouble ?? (n <= MostCertified && pairs / (first.DoubleFlops * Efficiency) <= CertificateSeconds);
        SolvePlan plan = Plan(SolveLayout.KernelRows, size, devices, shards, keeps, options) with
        {
            InDouble = inDouble,
            CertifiesInDouble = certifies,
            Preconditioner = options.Preconditioner ?? PreconditionerKind.PivotedCholesky,
            PreconditionerSize = rank,
        };
        double number = inDouble ? 8 : 4;
        double k = 1 + plan.Probes;
        int iterations = 25;
        double share = plan.Shards.Max(r => (double)r.Count) / size.Rows;
        double factors = number * size.Rows * size.FactorNumbers;
        double kernel = keeps ? number * share * n * n : 0;
        double shardBytes = kernel + factors + (certifies && !inDouble ? 2 * factors : 0) + (8.0 * size.Rows * size.Spec.InputWidth) + (64e6 * number / 4);
        double coordinatorBytes = (certifies ? 2 : 1) * factors + size.DataBytes + (8 * n * ((6 * rank) + (8 * k)));
        double build = pairs * (1 - (share / 2)) * (keeps ? 1 : 0);
        double perIteration = (2 * n * n * k) + (keeps ? 0 : pairs);
        double own = (rank * size.Rows * size.PairFlops) + (2 * n * rank * rank) + (rank * (double)rank * rank);
        double root = 2 * n * n * rank;
        double certificate = certifies ? pairs : 0;
        double rate = Rate(devices, shards, inDouble);
        double memory = keeps ? number * n * n / shards / first.BytesPerSecond : 0;
        double seconds = (build / rate)
            + (iterations * Math.Max(perIteration / rate, memory))
            + ((root + (keeps ? 0 : pairs * Math.Ceiling(rank / 128.0))) / rate)
            + (certificate / Rate(devices, shards, inDouble: true))
            + (own / (first.DoubleFlops * Efficiency))
            + (rank * 5e-4);
        PlanCandidate c = Candidate(
            name, plan, size, iterations, perIteration, build + (iterations * perIteration) + own + root + certificate, n, k, number, number, options);
        return Checked(c with { ShardBytes = (long)shardBytes, CoordinatorBytes = (long)coordinatorBytes, Seconds = seconds + Wire(c) }, devices, shards);
    }

    private static PlanCandidate ParameterSpace(TaskSize size, IReadOnlyList<PlanDevice> devices, int shards, bool keeps, PlanOptions options)
    {
        string name = Name("parameter space", shards, keeps);
        double q = size.Free;
        if (q == 0 || options.Preconditioner == PreconditionerKind.PivotedCholesky)
        {
            return Impossible(name, q == 0 ? "no parameter is free" : "'PivotedCholesky' is a preconditioner of kernel rows");
        }

        PlanDevice first = devices[0];
        PreconditionerKind kind = options.Preconditioner ?? (q <= MaxGram ? PreconditionerKind.SampledGram : PreconditionerKind.SampledRows);
        bool gram = kind == PreconditionerKind.SampledGram;
        double sampled = options.PreconditionerSize ?? (gram
            ? size.Observations * q * q <= ExactGramFlops ? size.Rows : Math.Max(Math.Max(4 * q, 4_096), size.Observations / 50) / size.Spec.Outputs
            : (double)MostSampledRows / size.Spec.Outputs);
        int m = (int)Math.Clamp(sampled, 1, size.Rows);
        double pass = size.Rows * (size.LineariseFlops + size.ProductFlops);
        bool inDouble = options.InDouble ?? false;
        bool certifies = options.CertifiesInDouble ?? (size.Observations <= MostCertified && 2 * pass / (first.DoubleFlops * Efficiency) <= CertificateSeconds);
        SolvePlan plan = Plan(SolveLayout.ParameterSpace, size, devices, shards, keeps, options) with
        {
            InDouble = inDouble,
            CertifiesInDouble = certifies,
            Preconditioner = kind,
            PreconditionerSize = m,
        };
        double number = inDouble ? 8 : 4;
        double k = 1 + plan.Probes;
        int iterations = kind == PreconditionerKind.None ? 100 : m == size.Rows ? 3 : 10;
        double rowsOfSample = (double)m * size.Spec.Outputs;
        double share = plan.Shards.Max(r => (double)r.Count) / size.Rows;
        double chunk = number * FactorChunks.RowsPerChunk(size.Spec) * (size.FactorNumbers + size.Spec.Graph.NumbersPerRow) * 4;
        double shardBytes = (keeps ? number * share * size.Rows * size.FactorNumbers : 0)
            + (share * size.DataBytes) + chunk + (gram ? (number * q * q) + 1e8 : 0) + (number * q * k * 4);
        double coordinatorBytes = (gram ? 24 * q * q : (16 * rowsOfSample * rowsOfSample) + (8.0 * m * size.FactorNumbers)) + (8 * q * (8 + (8 * k)));
        double perIteration = size.Rows * ((k * size.ProductFlops) + (keeps ? 0 : size.LineariseFlops));
        double prepare = size.Rows * (size.LineariseFlops + (size.ProductFlops / 2)) + (gram ? rowsOfSample * q * q : 0);
        double own = gram ? q * q * q / 3 : ((double)m * m * size.PairFlops / 2) + (rowsOfSample * rowsOfSample * rowsOfSample / 3);
        double certificate = certifies ? 2 * pass : 0;
        double rate = Rate(devices, shards, inDouble);
        double memory = 3 * number * size.Rows * size.FactorNumbers / shards / first.BytesPerSecond;
        double seconds = (prepare / rate)
            + (iterations * Math.Max(perIteration / rate, memory))
            + (certificate / Rate(devices, shards, inDouble: true))
            + (own / (first.DoubleFlops * Efficiency));
        PlanCandidate c = Candidate(name, plan, size, iterations, perIteration, prepare + (iterations * perIteration) + own + certificate, q, k, number, 8, options);
        return Checked(c with { ShardBytes = (long)shardBytes, CoordinatorBytes = (long)coordinatorBytes, Seconds = seconds + Wire(c) }, devices, shards);
    }

    private static SolvePlan Plan(SolveLayout layout, TaskSize size, IReadOnlyList<PlanDevice> devices, int shards, bool keeps, PlanOptions options) => new()
    {
        Layout = layout,
        Shards = RowRange.Cut(size.Rows, Weights(devices, shards)),
        KeepsFactors = keeps,
        Preconditioner = PreconditionerKind.None,
        PreconditionerSize = 1,
        Probes = size.Observations <= 20_000 ? 8 : size.Observations <= 200_000 ? 4 : 1,
        Tolerance = options.Tolerance,
        MaxIterations = options.MaxIterations,
        Seed = options.Seed,
    };

    // Devices of about the same speed get the same share: measured on busy machines speeds differ, and another cut gives other last bits.
    private static double[] Weights(IReadOnlyList<PlanDevice> devices, int shards)
    {
        double[] speeds = [.. Enumerable.Range(0, shards).Select(s => devices[s % devices.Count].SingleFlops)];
        double fastest = speeds.Max();
        return Array.ConvertAll(speeds, speed => speed >= SameSpeed * fastest ? fastest : speed);
    }

    // What travels in one iteration: the block to every shard, and back its rows of it or the whole of it.
    private static PlanCandidate Candidate(
        string name, SolvePlan plan, TaskSize size, int iterations, double perIteration, double flops, double length, double k, double outBytes, double backBytes, PlanOptions options)
    {
        long bytes = 0;
        int messages = 0;
        foreach (RowRange shard in plan.Shards)
        {
            long there = (long)(length * k * outBytes);
            long back = (long)((plan.Layout == SolveLayout.KernelRows ? (double)shard.Count * size.Spec.Outputs : length) * k * backBytes);
            bytes += there + back;
            messages += Parts(there, options.MessageBytes) + Parts(back, options.MessageBytes);
        }

        return new PlanCandidate
        {
            Name = name,
            Plan = plan,
            Flops = flops,
            Iterations = iterations,
            FlopsPerIteration = perIteration,
            BytesPerIteration = bytes,
            MessagesPerIteration = messages,
        };
    }

    private static double Wire(PlanCandidate c) => c.Iterations * ((c.MessagesPerIteration * MessageSeconds) + (c.BytesPerIteration / WireBytesPerSecond));

    private static int Parts(long bytes, int most) => (int)Math.Max(1, (bytes + most - 1) / most);

    private static double Rate(IReadOnlyList<PlanDevice> devices, int shards, bool inDouble) =>
        Efficiency * devices.Take(shards).Sum(d => inDouble ? d.DoubleFlops : d.SingleFlops);

    // The coordinator is beside the first shard; shards beyond the devices share them in turn.
    private static PlanCandidate Checked(PlanCandidate candidate, IReadOnlyList<PlanDevice> devices, int shards)
    {
        for (int d = 0; d < Math.Min(devices.Count, shards); d++)
        {
            int here = ((shards - d - 1) / devices.Count) + 1;
            double needed = (here * (double)candidate.ShardBytes) + (d == 0 ? candidate.CoordinatorBytes : 0);
            if (needed > devices[d].TotalBytes)
            {
                return candidate with
                {
                    Reason = $"it needs {SolvePlanner.Megabytes(needed)} on {devices[d].Name}, which has {SolvePlanner.Megabytes(devices[d].TotalBytes)} for solves",
                };
            }
        }

        return candidate;
    }

    private static string Name(string layout, int shards, bool keeps) =>
        $"{layout}, {shards} shard{(shards == 1 ? string.Empty : "s")}, {(keeps ? "kept" : "recomputed")}";

    private static PlanCandidate Impossible(string name, string reason) => new() { Name = name, Reason = reason, Seconds = double.PositiveInfinity };
}
