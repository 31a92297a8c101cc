using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Adaptation;

/// <summary>Batches of tasks against each task alone by <see cref="TaskPosterior"/>, which is tested against dense formulas.</summary>
public sealed class TaskBatchTests
{
    // Both sides factorise C, whose condition number stays below 1e4 here: rounding of 1e-16 times that, with two orders to spare.
    private const double Close = 1e-10;

    private static readonly Gen<NetworkSpec> Wide =
        from inputs in Gen.Int[1, 6]
        from hidden in Gen.Int[9, 24].Array[1, 2]
        from outputs in Gen.Int[1, 3]
        from activation in Gen.Int[0, 2].Select(i => new[] { Activation.Tanh, Activation.SiLU, Activation.ReLU }[i])
        select NetworkSpec.Mlp(inputs, hidden, outputs, activation);

    private static readonly Gen<int> Sizes = Gen.Frequency((3, Gen.Int[1, 12]), (1, Gen.Int[13, 42]));

    private static readonly Gen<Fleet> Fleets =
        from spec in Gen.Frequency((3, Wide), (1, RandomGraph.Specs))
        from seed in Gen.Int[0, 1_000_000]
        from rows in Sizes.Array[1, 9]
        from rank in Gen.Int[0, 2]
        from hasShift in Gen.Bool
        from perOutput in Gen.Bool
        from mean in Gen.Bool.Select(zero => zero ? PriorMean.Zero : PriorMean.Source)
        from known in Gen.Bool
        from factors in Gen.Bool
        from spread in Gen.Int[0, 3].Select(i => new TaskSpread[] { TaskSpread.None, new(0.5, 0.7), new(0.8, 0, 0.6), new(0, 0.6) }[i])
        select Fleet.Build(spec, seed, rows, rank, hasShift, perOutput, mean, known, factors, spread);

    [Fact]
    public void FitAndPredict_GeneratedFleets_EachTaskIsWhatItIsAlone() => Fleets.Sample(
        fleet =>
        {
            using var network = new SourceNetwork(fleet.Model, torch.CPU);
            IReadOnlyList<BatchOutcome<BatchFit>> fits = TaskBatch.Fit(network, fleet.Tasks, fleet.Prior);
            BatchFit[] made = [.. fits.Select(fit => fit.Value!)];
            BatchQuery[] queries = [.. made.Select((fit, t) => new BatchQuery(fit.Posterior, fleet.Queries[t]))];
            IReadOnlyList<BatchOutcome<Prediction>> predictions = TaskBatch.Predict(network, queries);
            for (int t = 0; t < made.Length; t++)
            {
                Prior own = fleet.Tasks[t].Factors is { } given ? fleet.Prior.At(given) : fleet.Prior;
                using TaskPosterior alone = TaskPosterior.Fit(network, fleet.Tasks[t].Data, own, PosteriorSpace.Function);
                TaskFactors expected = fleet.Tasks[t].Factors ?? alone.Report.Factors;
                AssertClose([expected.Noise, expected.Scale], [made[t].Report.Factors.Noise, made[t].Report.Factors.Scale]);
                Assert.Equal(fleet.Prior.At(made[t].Report.Factors), made[t].Posterior.Prior);
                AssertSame(alone.Report, made[t].Report);
                AssertSame(alone.Predict(fleet.Queries[t]), predictions[t].Value!);
            }
        },
        iter: 60,
        threads: 1,
        print: fleet => fleet.ToString());

    [Fact]
    public void Fit_TasksOfAFleetWithSpread_EachStandsWhereItStandsAlone()
    {
        // Noise and scale of each task differ from the fleet's by up to a factor of ten: the batch has to find them, and so far away Newton's method begins elsewhere.
        NetworkSpec spec = NetworkSpec.Mlp(4, [24, 24], 1, Activation.Tanh);
        Fleet fleet = Fleet.Build(spec, 21, [.. Enumerable.Range(0, 40).Select(t => 2 + (t % 31))], rank: 2, hasShift: true, spread: new TaskSpread(0.8, 0.9));
        BatchTask[] tasks = [.. fleet.Tasks.Select((task, t) => task with { Data = Stretched(task.Data, Math.Pow(10, (t % 5 - 2) / 2.0)) })];
        using var network = new SourceNetwork(fleet.Model, torch.CPU);

        IReadOnlyList<BatchOutcome<BatchFit>> together = TaskBatch.Fit(network, tasks, fleet.Prior);

        var noises = new List<double>();
        for (int t = 0; t < tasks.Length; t++)
        {
            using TaskPosterior alone = TaskPosterior.Fit(network, tasks[t].Data, fleet.Prior, PosteriorSpace.Function);
            TaskFactors own = together[t].Value!.Report.Factors;
            AssertClose([alone.Report.Factors.Noise, alone.Report.Factors.Scale], [own.Noise, own.Scale]);
            AssertSame(alone.Report, together[t].Value!.Report);
            noises.Add(own.Noise);
        }

        Assert.True(noises.Max() > 3 * noises.Min(), "The tasks should stand in different places.");
        BatchTask[] given = [.. tasks.Select((task, t) => task with { Factors = together[t].Value!.Report.Factors })];
        IReadOnlyList<BatchOutcome<BatchFit>> again = TaskBatch.Fit(network, given, fleet.Prior);
        Assert.Equal(together.Select(fit => fit.Value!.Report.LogEvidence), again.Select(fit => fit.Value!.Report.LogEvidence));
    }

    [Fact]
    public void Fit_EverySizeUpTo33_PaddingShowsNowhere()
    {
        NetworkSpec spec = NetworkSpec.Mlp(4, [24, 24], 1, Activation.Tanh);
        Fleet fleet = Fleet.Build(spec, 3, [.. Enumerable.Range(1, 33)], rank: 1, hasShift: true);
        using var network = new SourceNetwork(fleet.Model, torch.CPU);

        IReadOnlyList<BatchOutcome<BatchFit>> together = TaskBatch.Fit(network, fleet.Tasks, fleet.Prior);

        for (int t = 0; t < together.Count; t++)
        {
            using TaskPosterior alone = TaskPosterior.Fit(network, fleet.Tasks[t].Data, fleet.Prior, PosteriorSpace.Function);
            AssertSame(alone.Report, together[t].Value!.Report);
        }
    }

    [Fact]
    public void Fit_TasksThatFail_FailAloneAndTheOthersHaveTheSameBits()
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [16], 1, Activation.ReLU);
        Fleet fleet = Fleet.Build(spec, 5, [10, 10, 10, 9, 10, 10]);
        using var network = new SourceNetwork(fleet.Model, torch.CPU);
        IReadOnlyList<BatchOutcome<BatchFit>> healthy = TaskBatch.Fit(network, fleet.Tasks, fleet.Prior);
        BatchTask[] tasks = [.. fleet.Tasks];
        tasks[1] = WithInput(tasks[1], 1e308); // the output is infinite
        tasks[3] = WithInput(tasks[3], 1e200); // the output is finite, its kernel is not
        tasks[4] = tasks[4] with { Factors = new TaskFactors(double.NaN, 1) };

        IReadOnlyList<BatchOutcome<BatchFit>> outcomes = TaskBatch.Fit(network, tasks, fleet.Prior);

        Assert.IsType<NonFiniteOutputException>(outcomes[1].Error);
        Assert.IsType<NotPositiveDefiniteException>(outcomes[3].Error);
        Assert.Contains("noise factor", Assert.IsType<ArgumentException>(outcomes[4].Error).Message);
        foreach (int t in new[] { 0, 2, 5 })
        {
            Assert.Equal(healthy[t].Value!.Report.LogEvidence, outcomes[t].Value!.Report.LogEvidence);
            Assert.Equal(healthy[t].Value!.Report.Adapted.Means, outcomes[t].Value!.Report.Adapted.Means);
        }
    }

    [Fact]
    public void FitAndPredict_IndexOutsideOfItsTable_FailsAlone()
    {
        NetworkSpec spec = Chains.Of([3], 1, new EmbeddingNode { Name = "e", Vocabulary = 25, Width = 3 }, new LinearNode { Name = "a", Outputs = 4 });
        Fleet fleet = Fleet.Build(spec, 1, [4, 4, 3]);
        using var network = new SourceNetwork(fleet.Model, torch.CPU);
        BatchTask[] tasks = [.. fleet.Tasks];
        RowMatrix bad = tasks[1].Data.Inputs.SelectRows([0, 1, 2, 3]);
        bad.Values[(2 * spec.InputWidth) + 1] = 1_000_000;
        tasks[1] = tasks[1] with { Data = new TaskData(bad, tasks[1].Data.Targets) };

        IReadOnlyList<BatchOutcome<BatchFit>> fits = TaskBatch.Fit(network, tasks, fleet.Prior);
        DualPosterior good = fits[0].Value!.Posterior;
        IReadOnlyList<BatchOutcome<Prediction>> predictions = TaskBatch.Predict(network, [new BatchQuery(good, bad), new BatchQuery(good, fleet.Queries[0])]);

        Assert.Equal(2, Assert.IsType<InvalidIndexException>(fits[1].Error).Row);
        Assert.IsType<InvalidIndexException>(predictions[0].Error);
        Assert.True(fits[2].IsSuccess && predictions[1].IsSuccess);
    }

    [Fact]
    public void Predict_LongAndEmptyQueriesAndOtherWidths_AsAlone()
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [16], 1, Activation.Tanh);
        Fleet fleet = Fleet.Build(spec, 8, [12]);
        using var network = new SourceNetwork(fleet.Model, torch.CPU);
        DualPosterior posterior = TaskBatch.Fit(network, fleet.Tasks, fleet.Prior)[0].Value!.Posterior;
        RowMatrix many = Cases.Inputs(spec, new SeededRandom(4), 700);

        IReadOnlyList<BatchOutcome<Prediction>> predictions = TaskBatch.Predict(
            network,
            [new BatchQuery(posterior, many), new BatchQuery(posterior, new RowMatrix(0, 3, [])), new BatchQuery(posterior, new RowMatrix(1, 2, [1, 2]))]);

        using TaskPosterior alone = posterior.ToTaskPosterior(network);
        AssertSame(alone.Predict(many), predictions[0].Value!);
        Assert.Equal(0, predictions[1].Value!.Mean.Rows);
        Assert.IsType<ArgumentException>(predictions[2].Error);
    }

    [Fact]
    public void Predict_TasksOfSeveralPriors_EachByItsOwn()
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [16], 1, Activation.Tanh);
        Fleet one = Fleet.Build(spec, 8, [12]);
        Prior other = one.Prior with { BlockScales = [.. one.Prior.BlockScales.Select(scale => 3 * scale)] };
        using var network = new SourceNetwork(one.Model, torch.CPU);
        DualPosterior first = TaskBatch.Fit(network, one.Tasks, one.Prior)[0].Value!.Posterior;
        DualPosterior second = TaskBatch.Fit(network, one.Tasks, other)[0].Value!.Posterior;

        IReadOnlyList<BatchOutcome<Prediction>> predictions = TaskBatch.Predict(network, [new BatchQuery(first, one.Queries[0]), new BatchQuery(second, one.Queries[0])]);

        using TaskPosterior expectedFirst = first.ToTaskPosterior(network);
        using TaskPosterior expectedSecond = second.ToTaskPosterior(network);
        AssertSame(expectedFirst.Predict(one.Queries[0]), predictions[0].Value!);
        AssertSame(expectedSecond.Predict(one.Queries[0]), predictions[1].Value!);
    }

    [Fact]
    public void Supports_WhatAnotherWayServesBetter_IsRefused()
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [16], 2, Activation.Tanh);
        Prior prior = Prior.Uniform(spec, 0.1, 0.1);
        Assert.True(TaskBatch.Supports(spec, prior, 20));
        Assert.False(TaskBatch.Supports(spec, prior, 65)); // 130 observations
        Assert.False(TaskBatch.Supports(spec, prior with { Coupling = OutputCoupling.Independent }, 20));
        NetworkSpec small = NetworkSpec.Mlp(1, [2], 1, Activation.Tanh);
        Assert.False(TaskBatch.Supports(small, Prior.Uniform(small, 0.1, 0.1), 100)); // 7 parameters

        using var network = new SourceNetwork(Fleet.Build(small, 1, [2]).Model, torch.CPU);
        var data = new TaskData(new RowMatrix(100, 1, new double[100]), new RowMatrix(100, 1, new double[100]));
        Assert.Contains("TaskPosterior.Fit", Assert.IsType<ArgumentException>(TaskBatch.Fit(network, [new BatchTask(data)], Prior.Uniform(small, 0.1, 0.1))[0].Error).Message);
    }

    [Fact]
    public void FitAndPredict_ManyTimes_NoTensorIsLeft()
    {
        Fleet fleet = Fleet.Build(NetworkSpec.Mlp(3, [16], 2, Activation.Tanh), 8, [12, 5, 7], rank: 1, hasShift: true);
        using var network = new SourceNetwork(fleet.Model, torch.CPU);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
        {
            IReadOnlyList<BatchOutcome<BatchFit>> fits = TaskBatch.Fit(network, fleet.Tasks, fleet.Prior);
            TaskBatch.Predict(network, [.. fits.Select(fit => new BatchQuery(fit.Value!.Posterior, fleet.Queries[0]))]);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static TaskData Stretched(TaskData data, double factor) =>
        new(data.Inputs, new RowMatrix(data.Rows, data.Targets.Columns, [.. data.Targets.Values.Select(v => v * factor)]));

    private static BatchTask WithInput(BatchTask task, double value)
    {
        double[] values = [.. task.Data.Inputs.Values];
        Array.Fill(values, value, 3, 3);
        return task with { Data = new TaskData(new RowMatrix(task.Data.Rows, 3, values), task.Data.Targets) };
    }

    private static void AssertSame(AdaptationReport expected, AdaptationReport actual)
    {
        Assert.Equal(expected.Observations, actual.Observations);
        Assert.Equal(expected.Space, actual.Space);
        AssertClose([expected.LogEvidence, expected.EffectiveDimension, expected.Jitter], [actual.LogEvidence, actual.EffectiveDimension, actual.Jitter]);
        AssertClose(expected.NoiseDeviation, actual.NoiseDeviation);
        AssertSame(expected.Adapted, actual.Adapted);
        AssertSame(expected.SourceOnly, actual.SourceOnly);
    }

    private static void AssertSame(LeaveOneOut expected, LeaveOneOut actual)
    {
        AssertClose(
            [expected.MeanSquaredError, expected.MeanNegativeLogDensity, expected.Coverage95],
            [actual.MeanSquaredError, actual.MeanNegativeLogDensity, actual.Coverage95]);
        AssertClose(expected.Means, actual.Means);
        AssertClose(expected.Variances, actual.Variances);
        AssertClose(expected.Targets, actual.Targets);
    }

    private static void AssertSame(Prediction expected, Prediction actual)
    {
        AssertClose(expected.Mean.Values, actual.Mean.Values);
        AssertClose(expected.LatentVariance.Values, actual.LatentVariance.Values);
        AssertClose(expected.NoiseVariance.Values, actual.NoiseVariance.Values);
        AssertClose(expected.SourceMean.Values, actual.SourceMean.Values);
    }

    // Relative to the largest of what belongs together: an element near zero is a difference of others.
    private static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        double scale = Math.Max(1, expected.Select(Math.Abs).DefaultIfEmpty(0).Max());
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], actual[i], Close * scale);
        }
    }

    private sealed record Fleet(SourceModel Model, Prior Prior, BatchTask[] Tasks, RowMatrix[] Queries)
    {
        public static Fleet Build(
            NetworkSpec spec,
            int seed,
            int[] rows,
            int rank = 0,
            bool hasShift = false,
            bool perOutput = false,
            PriorMean mean = PriorMean.Source,
            bool known = false,
            bool factors = false,
            TaskSpread? spread = null)
        {
            var random = new SeededRandom(seed, 11);
            int p = spec.ParameterCount;
            Prior prior = new(
                [.. spec.Blocks.Select(_ => 0.2 * Math.Exp(0.5 * random.NextNormal()))],
                [.. Enumerable.Range(0, perOutput ? spec.Outputs : 1).Select(_ => 0.2 * Math.Exp(0.5 * random.NextNormal()))],
                mean)
            {
                SourceResidualVariance = known ? 0.7 : null,
                Shift = hasShift ? [.. random.Normals(p).Select(v => 0.1 * v)] : [],
                Directions = [.. random.Normals(p * rank).Select(v => 0.1 * v)],
                Spread = spread ?? TaskSpread.None,
            };
            int[] supported = [.. rows.Where(n => TaskBatch.Supports(spec, prior, n))];
            return new Fleet(
                Cases.Build(spec, seed, 1, 1).Model,
                prior,
                [.. supported.Select(n => new BatchTask(new TaskData(Cases.Inputs(spec, random, n), Cases.Normal(random, n, spec.Outputs)))
                {
                    Factors = factors ? new TaskFactors(Math.Exp(0.5 * random.NextNormal()), Math.Exp(0.5 * random.NextNormal())) : null,
                })],
                [.. supported.Select(_ => Cases.Inputs(spec, random, 1 + random.NextInt(9)))]);
        }

        public override string ToString() =>
            $"{NetworkSpecFile.ToJson(Model.Spec)}; rows {string.Join(' ', Tasks.Select(task => task.Data.Rows))}; rank {Prior.RankOf(Model.Spec)}; {Prior.Spread}";
    }
}
