using AdaptCluster.Cli.Figures;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Solves;
using TorchSharp;

namespace AdaptCluster.Bench.Solves;

/// <summary>A trained network's kernel under less and less noise: iterations with and without a preconditioner, and how a solve that cannot converge ends.</summary>
internal static class HardTask
{
    private const int MaxIterations = 1_500;
    private static readonly double[] s_noises = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(FlightsTask flights, string? figure, int rows)
    {
        TaskData data = flights.Rows(rows);
        double diagonal = MeanDiagonal(flights, data);
        torch.set_num_threads(Environment.ProcessorCount);
        var curves = new List<IterationCurve>();
        var figures = new List<Figure>();
        foreach ((string name, SolveLayout layout, PreconditionerKind kind) in Ways())
        {
            var points = new List<(double Noise, int Iterations, bool Converged)>();
            foreach (double noise in s_noises)
            {
                Prior prior = flights.Prior with { NoiseVariance = [noise * diagonal] };
                SolveStatistics statistics = TimedSolve.Run(flights.Model, data, prior, Plan(layout, kind, rows)).Result.Statistics;
                points.Add((noise, statistics.Iterations, statistics.Status == SolveStatus.Converged));
                if (noise == s_noises[^1])
                {
                    figures.Add(new Figure($"hard_{name.Replace(' ', '_').Replace(",", string.Empty)}_iterations", statistics.Iterations, "1", null, $"noise 1e-6 of the kernel's mean diagonal, {rows:N0} rows: {statistics.Describe()}"));
                }
            }

            curves.Add(new IterationCurve(name, points));
        }

        if (figure is not null)
        {
            await IterationsFigure.SaveAsync(figure, curves);
        }

        return figures;
    }

    private static IEnumerable<(string Name, SolveLayout Layout, PreconditionerKind Kind)> Ways() =>
    [
        ("kernel rows, none", SolveLayout.KernelRows, PreconditionerKind.None),
        ("kernel rows, pivoted Cholesky", SolveLayout.KernelRows, PreconditionerKind.PivotedCholesky),
        ("parameter space, none", SolveLayout.ParameterSpace, PreconditionerKind.None),
        ("parameter space, sampled rows", SolveLayout.ParameterSpace, PreconditionerKind.SampledRows),
    ];

    private static SolvePlan Plan(SolveLayout layout, PreconditionerKind kind, int rows) => new()
    {
        Layout = layout,
        Shards = [new RowRange(0, rows)],
        KeepsFactors = true,
        InDouble = false,
        CertifiesInDouble = false,
        Preconditioner = kind,
        PreconditionerSize = kind == PreconditionerKind.SampledRows ? rows / 3 : 512,
        Probes = 1,
        MaxIterations = MaxIterations,
    };

    private static double MeanDiagonal(FlightsTask flights, TaskData data)
    {
        using var network = new SourceNetwork(flights.Model, torch.CPU);
        using JacobianFactors factors = network.Linearise(data.Inputs);
        using torch.Tensor diagonal = factors.Diagonal(flights.Prior.BlockScales.AsSpan());
        return diagonal.mean().item<double>();
    }
}
