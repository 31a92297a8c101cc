using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Panels;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Renewals;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Sources;

/// <summary>One source task of a tenant. Cheap to make, thread-safe.</summary>
public sealed class SourceHandle
{
    private const int ManyTasks = 1_024;

    private readonly IGrainFactory _grains;

    internal SourceHandle(IGrainFactory grains, SourceKey key)
    {
        _grains = grains;
        Key = key;
    }

    /// <summary>Which source.</summary>
    public SourceKey Key { get; }

    private ISourceTaskGrain Grain => _grains.GetGrain<ISourceTaskGrain>(Key.ToString());

    /// <summary>Trains a network and registers it under this name.</summary>
    /// <param name="rows">The rows, encoded by the schema.</param>
    /// <param name="schema">The input columns.</param>
    /// <param name="targets">The names of the target columns.</param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">Told after each epoch.</param>
    /// <param name="cancellationToken">Stops the training; nothing is registered then.</param>
    /// <exception cref="AlreadyExistsException">The name is taken.</exception>
    /// <exception cref="InvalidInputException">The data or an option cannot be used.</exception>
    public async Task<SourceDescription> TrainAsync(
        LabelledRows rows,
        InputSchema schema,
        IReadOnlyList<string> targets,
        TrainingOptions options,
        IProgress<TrainingUpdate>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(options);
        if (await DescribeIfExistsAsync(cancellationToken) is not null)
        {
            // Said before the rows travel; the grain has the last word.
            throw new AlreadyExistsException("source", Key.Source);
        }

        StagedDataset data = await StagedUpload.SendAsync(_grains, [rows], cancellationToken);
        var request = new TrainingRequest
        {
            Data = data,
            Schema = schema,
            Targets = [.. targets],
            Network = options.Network(schema, targets.Count),
            Epochs = options.Epochs,
            BatchSize = options.BatchSize,
            LearningRate = options.LearningRate,
            ValidationFraction = options.ValidationFraction,
            Patience = options.Patience,
            Seed = options.Seed,
            Adapting = options.Adapting,
        };
        SourceDescription? registered = null;
        await foreach (TrainingUpdate update in Grain.TrainAsync(request, cancellationToken).WithBatchSize(1).WithCancellation(cancellationToken))
        {
            progress?.Report(update);
            registered = update.Registered ?? registered;
        }

        return registered ?? throw new InvalidOperationException("Training ended without a registered source.");
    }

    /// <summary>Registers a network that was trained elsewhere.</summary>
    /// <exception cref="AlreadyExistsException">The name is taken by another network.</exception>
    /// <exception cref="InvalidInputException">The parts do not fit each other.</exception>
    public Task<SourceDescription> RegisterAsync(SourceRegistration registration, CancellationToken cancellationToken = default) =>
        Grain.RegisterAsync(registration, cancellationToken);

    /// <summary>Registers the network of a model file: ONNX, TorchScript, safetensors or a PyTorch state dictionary.</summary>
    /// <param name="model">The file, read to its end; at most 1 GB.</param>
    /// <param name="options">What it is and how it is read.</param>
    /// <param name="cancellationToken">Gives up; nothing is registered then.</param>
    /// <exception cref="AlreadyExistsException">The name is taken by another network; by the same, it is harmless.</exception>
    /// <exception cref="InvalidInputException">The file cannot be used, or does not fit the options.</exception>
    public async Task<SourceDescription> ImportAsync(Stream model, ImportOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        StagedFile staged = await StagedFileUpload.SendAsync(_grains, model, options.FileName, cancellationToken);
        return await Grain.ImportAsync(options.Request(staged), cancellationToken);
    }

    /// <summary>Writes the network as a file.</summary>
    /// <param name="format">How.</param>
    /// <param name="destination">Where to; written part by part, and not to be used if this fails.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    /// <exception cref="InvalidInputException">The network cannot be written so.</exception>
    public async Task ExportAsync(SourceFormat format, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        await foreach (TensorPayload part in Grain.ExportAsync(format, cancellationToken).WithBatchSize(1).WithCancellation(cancellationToken))
        {
            await destination.WriteAsync(part.Data, cancellationToken);
        }
    }

    /// <summary>
    /// Learns from many tasks what a new one looks like, and makes that the current prior. The fit survives its silos and this process: a later call with the
    /// same tasks and options joins it.
    /// </summary>
    /// <param name="tasks">At least one task, all with the same columns.</param>
    /// <param name="options">How it is learned.</param>
    /// <param name="progress">Told as the evidence is evaluated.</param>
    /// <param name="cancellationToken">Ends the fit; the prior in force stays.</param>
    /// <exception cref="AdaptationFailedException">It gave no usable prior, or was cancelled by another call.</exception>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    /// <exception cref="InvalidInputException">The data or an option cannot be used, or the tasks have different columns.</exception>
    public async Task<PriorDescription> FitPriorAsync(
        IReadOnlyList<TaskRows> tasks,
        PriorFitOptions options,
        IProgress<PriorFitUpdate>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        if (tasks.Count == 0)
        {
            throw new InvalidInputException("data", "it has no task", "give the rows of at least one");
        }

        RequireSameColumns(tasks);
        await DescribeAsync(cancellationToken);
        StagedDataset data = await StagedUpload.SendAsync(_grains, [.. tasks.Select(task => task.Rows)], cancellationToken);
        var request = new PriorFitRequest
        {
            Data = data,
            SingleScale = options.SingleScale,
            MaxRowsPerTask = options.MaxRowsPerTask,
            MaxIterations = options.MaxIterations,
            Seed = options.Seed,
            IndependentOutputs = options.IndependentOutputs,
            Rank = options.Rank,
            LearnsSpread = options.LearnsSpread,
            TaskNames = [.. tasks.Select(task => task.Task)],
            Fit = options.Fit ?? Guid.NewGuid(),
        };
        return await PriorFitWait.RunAsync(Grain, request, progress, cancellationToken);
    }

    /// <summary>
    /// Ends the fit of the prior that is under way, whoever began it; the prior in force stays. Who waits for the fit is told so. A fit that is cancelled by
    /// its own call's token ends the same way.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    public Task<bool> CancelPriorFitAsync(CancellationToken cancellationToken = default) => Grain.CancelPriorFitAsync(null, cancellationToken);

    /// <summary>Sets the prior by hand.</summary>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    /// <exception cref="InvalidInputException">A variance is out of range.</exception>
    public Task<PriorDescription> SetPriorAsync(PriorSetting setting, CancellationToken cancellationToken = default) =>
        Grain.SetPriorAsync(setting, cancellationToken);

    /// <summary>How many of its tasks are adapted to its newest prior: that happens in the background. Null where no prior was ever replaced.</summary>
    public Task<RenewalDescription?> DescribeRenewalAsync(CancellationToken cancellationToken = default) =>
        _grains.GetGrain<IRenewalGrain>(Key.ToString()).DescribeAsync(cancellationToken);

    /// <summary>Describes the source.</summary>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    public Task<SourceDescription> DescribeAsync(CancellationToken cancellationToken = default) => Grain.DescribeAsync(cancellationToken);

    private static void RequireSameColumns(IReadOnlyList<TaskRows> tasks)
    {
        LabelledRows first = tasks[0].Rows;
        foreach ((string name, LabelledRows rows) in tasks)
        {
            if (rows.Inputs.Width != first.Inputs.Width || rows.Targets.Width != first.Targets.Width)
            {
                throw new InvalidInputException(
                    $"rows of task '{name}'",
                    $"they have {rows.Inputs.Width} inputs and {rows.Targets.Width} targets, those before have {first.Inputs.Width} and {first.Targets.Width}",
                    "send the same columns for every task");
            }
        }
    }

    internal async Task<SourceDescription?> DescribeIfExistsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await DescribeAsync(cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <summary>A handle of one of its tasks, which need not exist yet.</summary>
    /// <exception cref="InvalidInputException">The name cannot be used.</exception>
    public TaskHandle Task(string name) =>
        new(_grains, new TaskKey(Key.Tenant, Key.Source, EntityName.Require(name, "task")));

    /// <summary>A handle of one of its panels, which need not exist yet.</summary>
    /// <exception cref="InvalidInputException">The name cannot be used.</exception>
    public PanelHandle Panel(string name) =>
        new(_grains, new PanelKey(Key.Tenant, Key.Source, EntityName.Require(name, "panel")));

    /// <summary>The names of its tasks, in ordinal order.</summary>
    public async Task<IReadOnlyList<string>> ListTaskNamesAsync(CancellationToken cancellationToken = default)
    {
        IEnumerable<Task<ImmutableArray<string>>> parts = Enumerable.Range(0, TaskIndexKey.Parts).Select(part =>
            _grains.GetGrain<ITaskIndexGrain>(new TaskIndexKey(Key, part).ToString()).ListAsync(cancellationToken));
        ImmutableArray<string>[] names = await System.Threading.Tasks.Task.WhenAll(parts);
        return [.. names.SelectMany(part => part).Order(StringComparer.Ordinal)];
    }

    /// <summary>Describes all its tasks, by name.</summary>
    public async IAsyncEnumerable<TaskDescription> ListTasksAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> names = await ListTaskNamesAsync(cancellationToken);
        foreach (string[] group in names.Chunk(256))
        {
            foreach (TaskDescription? task in await System.Threading.Tasks.Task.WhenAll(
                group.Select(name => Task(name).DescribeIfExistsAsync(cancellationToken))))
            {
                if (task is not null)
                {
                    yield return task;
                }
            }
        }
    }

    /// <summary>Examines some of its adapted tasks, by name; what has no posterior yet is passed over.</summary>
    /// <param name="tasks">The most tasks, at least 1: each costs some tenths of a second of a device.</param>
    /// <param name="cancellationToken">Stops in between.</param>
    public async IAsyncEnumerable<(string Task, TaskDiagnosis Diagnosis)> DiagnoseAsync(
        int tasks = 100, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tasks);
        IReadOnlyList<string> names = await ListTaskNamesAsync(cancellationToken);
        for (int i = 0; i < Math.Min(tasks, names.Count); i++)
        {
            // Evenly spread over the names: the same tasks every time.
            string name = names[(int)((long)i * names.Count / Math.Min(tasks, names.Count))];
            TaskDiagnosis? diagnosis = null;
            try
            {
                diagnosis = await Task(name).DiagnoseAsync(cancellationToken);
            }
            catch (NotFoundException)
            {
                continue;
            }

            yield return (name, diagnosis);
        }
    }

    /// <summary>
    /// Adds each task's rows and adapts it, many tasks at a time and dozens in a message, and reports each task as it is acknowledged: its rows
    /// and its posterior are durable by then, also where it is solved iteratively. A task that fails does not stop the others.
    /// </summary>
    /// <param name="tasks">The tasks; consumed as fast as outcomes are read.</param>
    /// <param name="concurrency">How many are under way at a time. Default 1,024.</param>
    /// <param name="cancellationToken">Stops after those under way.</param>
    public IAsyncEnumerable<TaskOutcome> AdaptManyAsync(
        IEnumerable<TaskRows> tasks, int concurrency = ManyTasks, CancellationToken cancellationToken = default) =>
        AdaptManyAsync(tasks, null, concurrency, cancellationToken);

    /// <param name="tasks">The tasks; consumed as fast as outcomes are read.</param>
    /// <param name="options">What is fixed of how they are solved, each then by a message of its own; null: all is planned.</param>
    /// <param name="concurrency">How many are under way at a time. Default 1,024.</param>
    /// <param name="cancellationToken">Stops after those under way.</param>
    /// <inheritdoc cref="AdaptManyAsync(IEnumerable{TaskRows}, int, CancellationToken)"/>
    public IAsyncEnumerable<TaskOutcome> AdaptManyAsync(
        IEnumerable<TaskRows> tasks, AdaptOptions? options, int concurrency = ManyTasks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(concurrency);
        return new TaskGroups(_grains, Key).AdaptAsync(tasks, options, concurrency, cancellationToken);
    }

    /// <summary>
    /// Predicts mean and variance of rows of many tasks, each from its latest posterior, dozens in a message, and reports each as it comes. A task that fails
    /// does not stop the others.
    /// </summary>
    /// <param name="tasks">Tasks and rows, a task more than once if wanted; consumed as fast as predictions are read.</param>
    /// <param name="concurrency">How many are under way at a time. Default 1,024.</param>
    /// <param name="cancellationToken">Stops after those under way.</param>
    public IAsyncEnumerable<PredictionOutcome> PredictManyAsync(
        IEnumerable<TaskInputs> tasks, int concurrency = ManyTasks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(concurrency);
        return new TaskGroups(_grains, Key).PredictAsync(tasks, concurrency, cancellationToken);
    }
}
