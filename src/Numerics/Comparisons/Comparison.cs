using System.Collections.Immutable;
using System.Diagnostics;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Choices;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Training;
using TorchSharp;

namespace AdaptCluster.Numerics.Comparisons;

/// <summary>
/// The comparison that a sceptic asks for: random splits of the tasks; what is learned is learned from one part, and of each task of the other k rows are
/// seen and the rest is scored, the same rows for every method. Runs on the caller's thread; every computation is a slice.
/// </summary>
public sealed class Comparison
{
    private readonly SourceModel _model;
    private readonly IReadOnlyList<TaskData> _tasks;
    private readonly ComparisonOptions _options;
    private readonly torch.Device _device;
    private readonly IComputeSlices _slices;
    private readonly Action<ComparisonProgress>? _progress;
    private readonly List<TaskScore> _scores = [];
    private readonly List<IReadOnlyDictionary<string, double>> _weights = [];

    private Comparison(
        SourceModel model, IReadOnlyList<TaskData> tasks, ComparisonOptions options, torch.Device device, IComputeSlices slices, Action<ComparisonProgress>? progress)
    {
        _model = model;
        _tasks = tasks;
        _options = options;
        _device = device;
        _slices = slices;
        _progress = progress;
    }

    /// <summary>Compares.</summary>
    /// <param name="model">The source network; only its shape counts where it is trained anew.</param>
    /// <param name="tasks">The tasks, in the data's units.</param>
    /// <param name="options">What is compared.</param>
    /// <param name="device">Where it is computed.</param>
    /// <param name="slices">How; cancels the comparison too.</param>
    /// <param name="progress">Told between slices.</param>
    /// <exception cref="ArgumentException">An option is out of range, or there are too few tasks for it.</exception>
    /// <exception cref="NumericsException">A network could not be trained, or a fleet's prior not be learned.</exception>
    public static ComparisonResult Run(
        SourceModel model,
        IReadOnlyList<TaskData> tasks,
        ComparisonOptions options,
        torch.Device device,
        IComputeSlices slices,
        Action<ComparisonProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(slices);
        options.Validate();
        var comparison = new Comparison(model, tasks, options, device, slices, progress);
        for (int split = 0; split < options.Splits; split++)
        {
            comparison.RunSplit(split);
        }

        return comparison.Result();
    }

    private void RunSplit(int number)
    {
        ComparisonSplit split = ComparisonSplit.Of(_tasks, _options, number);
        SourceModel model = _options.Retrain is { } training ? Train(split, training with { Seed = training.Seed + number }, number) : _model;
        AdaptationMethods methods = _slices.Run(0, () => new AdaptationMethods(model, _device, _options.Methods, _options.Seed + number, _options.Rank));
        SourceNetwork source = _slices.Run(0, () => new SourceNetwork(model, _device));
        try
        {
            methods.Learn(split.Fleet, _slices, name => Report(number, 0.2, $"learning '{name}' from {split.Fleet.Count} tasks"));
            double noise = FleetResiduals.Of(source, split.Fleet, _slices).SourceVariance;
            _weights.Add(methods.CandidateWeights);
            for (int t = 0; t < split.Tests.Length; t++)
            {
                Report(number, 0.4 + (0.6 * t / split.Tests.Length), $"task {t + 1} of {split.Tests.Length}");
                foreach (int points in _options.Points.Where(k => _tasks[split.Tests[t]].Rows >= k + _options.MinTestRows))
                {
                    ScoreAll(number, split.Tests[t], points, methods, source, noise);
                }
            }
        }
        finally
        {
            _slices.Release(() =>
            {
                methods.Dispose();
                source.Dispose();
            });
        }
    }

    private void ScoreAll(int split, int task, int points, AdaptationMethods methods, SourceNetwork source, double noise)
    {
        (TaskData seen, TaskData scored) = ComparisonSplit.Rows(_tasks[task], _options, task, points);
        double flops = TaskPosterior.FlopsToFit(source.Model.Spec, Priors.Prior.Uniform(source.Model.Spec, 1, 1), points);
        foreach (IAdaptationMethod method in methods.Methods)
        {
            _scores.Add(_slices.Run(flops, () =>
            {
                long started = Stopwatch.GetTimestamp();
                TaskScore score = Score(method, seen, scored) ?? ScoreOfSource(source, scored, noise);
                return score with { Split = split, Task = task, Points = points, Method = method.Name, Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
            }));
        }
    }

    private static TaskScore? Score(IAdaptationMethod method, TaskData seen, TaskData scored)
    {
        try
        {
            using ITaskModel model = method.Adapt(seen);
            TaskScore score = TaskScore.Of(model.Predict(scored.Inputs), scored.Targets) with { Choice = (model as IChoosingModel)?.Choice };
            return score.IsFinite ? score : null;
        }
        catch (NumericsException)
        {
            return null; // counted as a failure: the source network stands in
        }
    }

    private static TaskScore ScoreOfSource(SourceNetwork source, TaskData scored, double noise)
    {
        using var model = new ShiftedModel(source, new double[source.Model.Spec.Outputs], noise, 0);
        return TaskScore.Of(model.Predict(scored.Inputs), scored.Targets) with { Failed = true };
    }

    private SourceModel Train(ComparisonSplit split, TrainingOptions training, int number)
    {
        TaskData rows = Concatenate([.. split.Training.Select(t => _tasks[t])]);
        NetworkTrainer trainer = _slices.Run(0, () => new NetworkTrainer(_model.Spec, rows, training, _device, _options.InputGroups.AsSpan()));
        try
        {
            while (!trainer.Finished)
            {
                TrainingProgress epoch = _slices.Run(trainer.FlopsPerStep, trainer.RunEpoch);
                Report(number, 0.2 * epoch.Epoch / epoch.Epochs, $"training the source network, epoch {epoch.Epoch}");
            }

            return _slices.Run(0, () => trainer.Finish().Model);
        }
        finally
        {
            _slices.Release(trainer.Dispose);
        }
    }

    private static TaskData Concatenate(TaskData[] tasks)
    {
        int rows = tasks.Sum(task => task.Rows);
        return new TaskData(
            new RowMatrix(rows, tasks[0].Inputs.Columns, [.. tasks.SelectMany(task => task.Inputs.Values)]),
            new RowMatrix(rows, tasks[0].Targets.Columns, [.. tasks.SelectMany(task => task.Targets.Values)]));
    }

    private void Report(int split, double share, string step) =>
        _progress?.Invoke(new ComparisonProgress(split + 1, _options.Splits, step, (split + share) / _options.Splits));

    private ComparisonResult Result()
    {
        int largest = _scores.Max(s => s.Points);
        HashSet<(int, int)> common = [.. _scores.Where(s => s.Points == largest).Select(s => (s.Split, s.Task))];
        bool chose = _options.Methods.Contains(MethodNames.Chosen) || _options.Methods.Contains(MethodNames.Combined);
        return new ComparisonResult(
            ScoreTable.Of(_scores),
            ScoreTable.Of(_scores.Where(s => common.Contains((s.Split, s.Task)))),
            chose
                ? _weights[0].Keys.ToImmutableSortedDictionary(name => name, name => _weights.Average(w => w[name]), StringComparer.Ordinal)
                : ImmutableSortedDictionary<string, double>.Empty);
    }
}
