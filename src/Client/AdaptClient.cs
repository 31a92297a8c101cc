using System.Collections.Immutable;
using AdaptCluster.Client.Backups;
using AdaptCluster.Client.Comparisons;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Comparisons;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Client;

/// <summary>One tenant's view of a cluster: where every use of the SDK begins. Thread-safe.</summary>
public sealed class AdaptClient
{
    /// <summary>The tenant that is meant where none is named.</summary>
    public const string DefaultTenant = "default";

    private readonly IGrainFactory _grains;

    /// <summary>A view over a connected cluster client, or over a silo's own grain factory.</summary>
    /// <param name="grains">Where grains are found; see <see cref="Connections.ClusterConnection"/>.</param>
    /// <param name="tenant">The tenant.</param>
    /// <exception cref="InvalidInputException">The tenant's name cannot be used.</exception>
    public AdaptClient(IGrainFactory grains, string tenant = DefaultTenant)
    {
        ArgumentNullException.ThrowIfNull(grains);
        _grains = grains;
        Tenant = EntityName.Require(tenant, "tenant");
    }

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>A handle of a source task, which need not exist yet.</summary>
    /// <exception cref="InvalidInputException">The name cannot be used.</exception>
    public SourceHandle Source(string name) => new(_grains, new SourceKey(Tenant, EntityName.Require(name, "source")));

    /// <summary>The tenant's sources, by name.</summary>
    public async Task<IReadOnlyList<SourceDescription>> ListSourcesAsync(CancellationToken cancellationToken = default)
    {
        ImmutableArray<string> names = await _grains.GetGrain<ISourceIndexGrain>(Uri.EscapeDataString(Tenant)).ListAsync(cancellationToken);

        // A name is indexed before the source is registered, so that no source is ever missing from the list.
        SourceDescription?[] sources = await Task.WhenAll(names.Select(name => Source(name).DescribeIfExistsAsync(cancellationToken)));
        return [.. sources.OfType<SourceDescription>()];
    }

    /// <summary>Finds the one task with a name among all sources of the tenant.</summary>
    /// <exception cref="NotFoundException">No source has such a task.</exception>
    /// <exception cref="InvalidInputException">Several sources have one.</exception>
    public async Task<TaskHandle> FindTaskAsync(string task, CancellationToken cancellationToken = default)
    {
        EntityName.Require(task, "task");
        IReadOnlyList<SourceDescription> sources = await ListSourcesAsync(cancellationToken);
        var found = new List<TaskHandle>();
        foreach (SourceDescription source in sources)
        {
            TaskHandle handle = Source(source.Name).Task(task);
            if (await handle.DescribeIfExistsAsync(cancellationToken) is not null)
            {
                found.Add(handle);
            }
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw new NotFoundException("task", task, "'adapt tasks list' shows those there are"),
            _ => throw new InvalidInputException(
                "task",
                $"'{task}' exists under the sources {string.Join(", ", found.Select(handle => handle.Key.Source))}",
                "name one with --source"),
        };
    }

    /// <summary>Compares methods of adaptation on the tasks of a data set: some are learned from, the others are tests.</summary>
    /// <param name="tasks">The rows by task, encoded by the schema of the source, or of the options.</param>
    /// <param name="options">What is compared.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    /// <exception cref="InvalidInputException">The data or an option cannot be used.</exception>
    /// <exception cref="AdaptationFailedException">A network could not be trained, or a prior not be learned.</exception>
    public async Task<ComparisonReport> CompareAsync(
        IReadOnlyList<TaskRows> tasks, ComparisonOptions options, IProgress<ComparisonUpdate>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        if (tasks.Count == 0)
        {
            throw new InvalidInputException("data", "it has no task", "give the rows of many");
        }

        if (options.Source is not null)
        {
            await Source(options.Source).DescribeAsync(cancellationToken);
        }

        var request = new ComparisonRequest
        {
            Data = await StagedUpload.SendAsync(_grains, [.. tasks.Select(task => task.Rows)], cancellationToken),
            Source = options.Source,
            Training = options is { Training: { } training, Schema: { } schema } ? ToTraining(training, schema, options.Targets) : null,
            Methods = [.. options.Methods],
            Points = [.. options.Points],
            TrainShare = options.TrainShare,
            Splits = options.Splits,
            Seed = options.Seed,
            MinTestRows = options.MinTestRows,
            MaxTestRows = options.MaxTestRows,
            RowsPerTask = options.RowsPerTask,
            Rank = options.Rank,
        };
        IComparisonGrain grain = _grains.GetGrain<IComparisonGrain>(new ComparisonKey(Tenant, Guid.NewGuid()).ToString());
        ComparisonReport? report = null;
        await foreach (ComparisonUpdate update in grain.RunAsync(request, cancellationToken).WithBatchSize(1).WithCancellation(cancellationToken))
        {
            progress?.Report(update);
            report = update.Result ?? report;
        }

        return report ?? throw new InvalidOperationException("The comparison ended without a result.");
    }

    /// <summary>
    /// Copies everything that lasts of the cluster, of all tenants, into a new folder, while it goes on. Each task is there as it was
    /// at one moment after the beginning.
    /// </summary>
    /// <param name="folder">Is created.</param>
    /// <param name="progress">Told what has been copied.</param>
    /// <param name="cancellationToken">Gives up; what is there then is no backup.</param>
    /// <exception cref="InvalidInputException">The folder is not empty, or cannot be written.</exception>
    /// <exception cref="StoreException">The cluster's store or the folder's disk fails.</exception>
    public Task<BackupSummary> BackupAsync(string folder, IProgress<BackupSummary>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return BackupWriter.WriteAsync(_grains, folder, progress, cancellationToken);
    }

    /// <summary>Fills an empty cluster from a backup. Broken off, it can be done again with the same one.</summary>
    /// <param name="folder">What <see cref="BackupAsync"/> wrote.</param>
    /// <param name="progress">Told what has been copied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">The folder is no finished backup, or the cluster is not empty.</exception>
    /// <exception cref="StoreException">The backup is damaged, or the cluster's store cannot keep it.</exception>
    public Task<BackupSummary> RestoreAsync(string folder, IProgress<BackupSummary>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return BackupReader.RestoreAsync(_grains, folder, progress, cancellationToken);
    }

    private static ComparisonTraining ToTraining(TrainingOptions training, InputSchema schema, IReadOnlyList<string> targets) => new()
    {
        Schema = schema,
        Targets = [.. targets],
        Network = training.Network(schema, targets.Count),
        Epochs = training.Epochs,
        BatchSize = training.BatchSize,
        LearningRate = training.LearningRate,
        Patience = training.Patience,
    };
}
