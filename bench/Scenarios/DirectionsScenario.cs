using System.Diagnostics;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using TorchSharp;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Two ways to learn a prior's shift and directions, from the same start and on the same tasks: expectation-maximisation, and the quasi-Newton steps that the fit takes.</summary>
internal static class DirectionsScenario
{
    private const int Rows = 20;
    private const int Rank = 4;
    private const double Noise = 0.02;

    /// <param name="options">Short: fewer tasks and iterations.</param>
    public static ScenarioReport Run(ScenarioOptions options)
    {
        int count = options.Rows ?? (options.Short ? 100 : 400);
        int iterations = options.Short ? 30 : 150;
        SourceModel model = GeneratedTasks.Model(4, 32, 32);
        NetworkSpec spec = model.Spec;
        using var network = new SourceNetwork(model, torch.CPU);
        TaskData[] tasks = Draw(network, count);
        var settings = new FleetFitOptions();
        using var evidence = new FleetEvidence(network, tasks, settings);
        FleetFit scales = FleetPriorFitter.Fit(evidence, spec, settings);
        HashSet<int> heldOut = [.. Enumerable.Range(0, count).Where(t => t % 5 == 0)];
        var search = new DirectionSearch(evidence, spec, settings, scales.Prior, _ => { }, CancellationToken.None);
        MoveCoordinates coordinates = search.Coordinates(Rank);
        double[] start = coordinates.Start(search.Initial(coordinates, heldOut));
        Trace newton = QuasiNewton(evidence, coordinates, start, heldOut, iterations);
        Trace em = ExpectationMaximisation(evidence, spec, coordinates.PriorAt(start), heldOut, iterations);
        double before = HeldOut(evidence.Evaluate(scales.Prior, heldOut), heldOut);
        int reached = newton.HeldOut.FindIndex(value => value >= em.HeldOut.Max());
        return ScenarioReport.Of(
            "directions",
            new Figure(
                "directions_held_out_over_em",
                newton.HeldOut.Max() - em.HeldOut.Max(),
                "nats",
                null,
                $"per observation of {heldOut.Count} held-out tasks of {Rows} rows, {Rank} directions of {spec.ParameterCount:N0} parameters from {count - heldOut.Count} tasks: {newton.HeldOut.Max():0.0000} by quasi-Newton steps, "
                + $"{em.HeldOut.Max():0.0000} by expectation-maximisation, both within {iterations} iterations; {before:0.0000} with scales alone"),
            new Figure(
                "directions_evaluations_to_ems_best",
                reached < 0 ? double.NaN : newton.Evaluations[reached],
                "1",
                null,
                $"expectation-maximisation took {em.Evaluations[em.HeldOut.IndexOf(em.HeldOut.Max())]}; an evaluation takes {em.Seconds / em.Evaluations[^1] * 1e3:0} ms in both"));
    }

    private static Trace QuasiNewton(FleetEvidence evidence, MoveCoordinates coordinates, double[] start, HashSet<int> heldOut, int iterations)
    {
        var trace = new Trace();
        int evaluations = 0;
        FleetEvidenceValue? last = null;
        long started = Stopwatch.GetTimestamp();
        var descent = new LimitedMemoryDescent(
            x =>
            {
                evaluations++;
                last = evidence.Evaluate(coordinates.PriorAt(x), heldOut);
                return double.IsFinite(last.Sum.LogEvidence) ? (-last.Sum.LogEvidence / last.Sum.Observations, coordinates.Gradient(last)) : null;
            },
            start);
        for (int i = 0; i < iterations && descent.Step(); i++)
        {
            trace.Add(evaluations, HeldOut(last!, heldOut), Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return trace;
    }

    // E: the moments of each task's parameters, which the derivatives hold. M: U + D G (T I + U^T G)^-1, d0 + D g / T, and every variance by its own moment.
    private static Trace ExpectationMaximisation(FleetEvidence evidence, NetworkSpec spec, Prior prior, HashSet<int> heldOut, int iterations)
    {
        var trace = new Trace();
        int p = spec.ParameterCount;
        int tasks = evidence.TaskCount - heldOut.Count;
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < iterations; i++)
        {
            FleetEvidenceValue value = evidence.Evaluate(prior, heldOut);
            trace.Add(i + 1, HeldOut(value, heldOut), Stopwatch.GetElapsedTime(started).TotalSeconds);
            Matrix<double> moves = Matrix<double>.Build.DenseOfRowMajor(p, Rank + 1, value.Moves);
            Matrix<double> gradient = moves.SubMatrix(0, p, 0, Rank);
            Matrix<double> directions = Matrix<double>.Build.DenseOfRowMajor(p, Rank, prior.Directions);
            Vector<double> variances = Vector<double>.Build.Dense(p);
            for (int b = 0; b < spec.Blocks.Length; b++)
            {
                variances.SetSubVector(spec.Blocks[b].Offset, spec.Blocks[b].Count, Vector<double>.Build.Dense(spec.Blocks[b].Count, prior.BlockScales[b]));
            }

            Matrix<double> second = (directions.TransposeThisAndMultiply(gradient) + Matrix<double>.Build.DenseIdentity(Rank).Multiply(tasks)).Inverse();
            Matrix<double> scaled = gradient.MapIndexed((row, _, v) => variances[row] * v);
            Matrix<double> next = directions + (scaled * second);
            Vector<double> shift = Vector<double>.Build.DenseOfEnumerable(prior.Shift) + (variances.PointwiseMultiply(moves.Column(Rank)) / tasks);
            prior = prior with
            {
                Directions = [.. next.ToRowMajorArray()],
                Shift = [.. shift],
                BlockScales = [.. prior.BlockScales.Select((scale, b) => scale * (1 + (2 * value.Sum.Gradient.LogBlockScales[b] / (tasks * (double)spec.Blocks[b].Count))))],
                NoiseVariance = [.. prior.NoiseVariance.Select((noise, m) => noise * (1 + (2 * value.Sum.Gradient.LogNoiseVariance[m] / value.Sum.Observations)))],
            };
        }

        return trace;
    }

    private static double HeldOut(FleetEvidenceValue value, HashSet<int> heldOut)
    {
        TaskScore[] scores = [.. value.Tasks.Where(score => heldOut.Contains(score.Task))];
        return scores.Sum(score => score.LogEvidence) / scores.Sum(score => (double)score.Observations);
    }

    private static TaskData[] Draw(SourceNetwork network, int count)
    {
        NetworkSpec spec = network.Model.Spec;
        int p = spec.ParameterCount;
        using DisposeScope scope = torch.NewDisposeScope();
        var random = new SeededRandom(1, stream: 6);
        torch.Tensor directions = TensorInterop.FromDoubles([.. random.Normals(p * Rank).Select(v => 0.1 * v)], [p, Rank], torch.ScalarType.Float64, torch.CPU);
        var tasks = new TaskData[count];
        for (int t = 0; t < count; t++)
        {
            using DisposeScope inner = torch.NewDisposeScope();
            var inputs = new RowMatrix(Rows, spec.InputWidth, random.Normals(Rows * spec.InputWidth));
            using JacobianFactors factors = network.Linearise(inputs);
            torch.Tensor z = TensorInterop.FromDoubles(random.Normals(Rank), [Rank, 1], torch.ScalarType.Float64, torch.CPU);
            torch.Tensor own = TensorInterop.FromDoubles([.. random.Normals(p).Select(v => 0.02 * v)], [p, 1], torch.ScalarType.Float64, torch.CPU);
            double[] function = TensorInterop.ToDoubles(factors.Apply(torch.mm(directions, z).add_(own)).add_(factors.Output));
            tasks[t] = new TaskData(inputs, new RowMatrix(Rows, 1, [.. function.Select(f => f + (Math.Sqrt(Noise) * random.NextNormal()))]));
        }

        return tasks;
    }

    private sealed class Trace
    {
        internal List<int> Evaluations { get; } = [];

        internal List<double> HeldOut { get; } = [];

        internal double Seconds { get; private set; }

        internal void Add(int evaluations, double heldOut, double seconds)
        {
            Evaluations.Add(evaluations);
            HeldOut.Add(heldOut);
            Seconds = seconds;
        }
    }
}
