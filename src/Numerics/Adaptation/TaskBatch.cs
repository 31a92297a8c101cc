using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// Many small tasks of one source in few passes: for tasks of dozens of rows a pass costs a hundred small tensor operations whether it has one task or sixty. The
/// numbers are those of <see cref="TaskPosterior"/> to rounding, whatever else is in the batch. One thread at a time.
/// </summary>
public static class TaskBatch
{
    /// <summary>
    /// The most observations, n c, of a task here: a larger one has work enough for a pass of its own. Of so few rows all are looked at for the task's own noise.
    /// </summary>
    public const int MaxObservations = 128;

    private const int QueryRows = 256; // of one part of a query
    private const long FactorNumbers = 1L << 23; // of one task

    /// <summary>
    /// Whether tasks of this size can be fitted in batches: those whose function space is the cheaper one, of networks that are no programs, whose outputs are one or
    /// learned together. All other tasks have <see cref="TaskPosterior.Fit"/>.
    /// </summary>
    /// <param name="spec">The network's shape.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="rows">n, at least 1.</param>
    public static bool Supports(NetworkSpec spec, Prior prior, int rows)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(prior);
        return (long)rows * spec.Outputs <= MaxObservations
            && spec.Sites.All(site => site.Kind != SiteKind.Program)
            && (spec.Outputs == 1 || prior.Coupling == OutputCoupling.Full)
            && BatchLayout.Bucket(rows) * NetworkCost.FactorNumbers(spec) <= FactorNumbers
            && SpaceChoice.Choose(spec, prior, rows) == PosteriorSpace.Function;
    }

    /// <summary>Adapts the source network to each task.</summary>
    /// <param name="source">The network, fp64; borrowed.</param>
    /// <param name="tasks">Tasks of any supported sizes.</param>
    /// <param name="prior">What they share. Where it has a spread each task's own noise and scale are found first, and are in its report.</param>
    /// <returns>By task, in their order.</returns>
    /// <exception cref="ArgumentException">The prior is out of range.</exception>
    public static IReadOnlyList<BatchOutcome<BatchFit>> Fit(SourceNetwork source, IReadOnlyList<BatchTask> tasks, Prior prior)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(prior);
        NetworkSpec spec = source.Model.Spec;
        prior.Validate(spec);
        var outcomes = new BatchOutcome<BatchFit>[tasks.Count];
        var pass = new FitPass(source, prior);
        foreach (IGrouping<int, int> group in Accepted(tasks, outcomes, task => Check(source, task, prior)).GroupBy(t => BatchLayout.Bucket(tasks[t].Data.Rows)))
        {
            foreach (int[] chunk in group.Chunk(BatchLayout.TasksPerChunk(spec, group.Key)))
            {
                BatchOutcome<BatchFit>[] made = pass.Run(Array.ConvertAll(chunk, t => tasks[t]), group.Key);
                for (int i = 0; i < chunk.Length; i++)
                {
                    outcomes[chunk[i]] = made[i];
                }
            }
        }

        return outcomes;
    }

    /// <summary>Predicts mean and variance of each query's rows, each from its task's posterior.</summary>
    /// <param name="source">The network that the posteriors were fitted with; borrowed.</param>
    /// <param name="queries">Any sizes. Tasks of one prior go together.</param>
    /// <returns>By query, in their order.</returns>
    public static IReadOnlyList<BatchOutcome<Prediction>> Predict(SourceNetwork source, IReadOnlyList<BatchQuery> queries)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(queries);
        NetworkSpec spec = source.Model.Spec;
        var outcomes = new BatchOutcome<Prediction>[queries.Count];
        var targets = new QueryTarget?[queries.Count];
        foreach (int q in Accepted(queries, outcomes, query => Check(source, query)))
        {
            targets[q] = new QueryTarget(queries[q], source.Model.OutputStandardisation);
        }

        foreach (IGrouping<Prior, QueryPart> ofPrior in targets.OfType<QueryTarget>().SelectMany(Parts).GroupBy(part => part.Target.Query.Posterior.BasePrior))
        {
            var pass = new PredictPass(source, ofPrior.Key);
            foreach (IGrouping<(int Rows, int Asked), QueryPart> group in ofPrior.GroupBy(Shape))
            {
                foreach (QueryPart[] chunk in group.Chunk(BatchLayout.TasksPerChunk(spec, group.Key.Rows + group.Key.Asked)))
                {
                    pass.Run(chunk, group.Key.Rows, group.Key.Asked);
                }
            }
        }

        for (int q = 0; q < targets.Length; q++)
        {
            outcomes[q] = targets[q]?.Outcome() ?? outcomes[q];
        }

        return outcomes;
    }

    /// <summary>About how many floating-point operations <see cref="Predict"/> takes for rows of one task.</summary>
    /// <param name="spec">The network's shape.</param>
    /// <param name="taskRows">The task's own rows.</param>
    /// <param name="rows">The rows to predict.</param>
    public static double FlopsToPredict(NetworkSpec spec, int taskRows, int rows)
    {
        ArgumentNullException.ThrowIfNull(spec);
        double n = (double)taskRows * spec.Outputs;
        return ((taskRows + rows) * NetworkCost.Linearise(spec)) + (2.0 * taskRows * rows * NetworkCost.KernelPair(spec, taskRows, rows)) + (n * n * rows * spec.Outputs);
    }

    private static IEnumerable<QueryPart> Parts(QueryTarget target)
    {
        int rows = target.Query.Inputs.Rows;
        for (int first = 0; first < rows; first += QueryRows)
        {
            yield return new QueryPart(target, first, Math.Min(QueryRows, rows - first));
        }
    }

    private static (int Rows, int Asked) Shape(QueryPart part) =>
        (BatchLayout.Bucket(part.Target.Query.Posterior.Data.Rows), BatchLayout.Bucket(part.Count));

    // The indices of those that pass; the others have their error.
    private static List<int> Accepted<TItem, TResult>(IReadOnlyList<TItem> items, BatchOutcome<TResult>[] outcomes, Action<TItem> check)
        where TResult : class
    {
        var accepted = new List<int>(items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            try
            {
                check(items[i]);
                accepted.Add(i);
            }
            catch (ArgumentException error)
            {
                outcomes[i] = new BatchOutcome<TResult>(error);
            }
        }

        return accepted;
    }

    private static void Check(SourceNetwork source, BatchTask task, Prior prior)
    {
        ArgumentNullException.ThrowIfNull(task);
        TaskPosterior.CheckData(source, task.Data);
        if (task.Factors is { } factors)
        {
            CheckFactor(factors.Noise, "noise");
            CheckFactor(factors.Scale, "scale");
        }

        if (!Supports(source.Model.Spec, prior, task.Data.Rows))
        {
            throw new ArgumentException($"A task of {task.Data.Rows} rows of this network and prior is not fitted in batches: use TaskPosterior.Fit.", nameof(task));
        }
    }

    private static void Check(SourceNetwork source, BatchQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        source.CheckInputs(query.Inputs);
        if (query.Posterior.Data.Inputs.Columns != source.Model.Spec.InputWidth || query.Posterior.Data.Targets.Columns != source.Model.Spec.Outputs)
        {
            throw new ArgumentException("The posterior was fitted with another network.", nameof(query));
        }
    }

    private static void CheckFactor(double factor, string name)
    {
        if (!double.IsFinite(factor) || factor <= 0)
        {
            throw new ArgumentException($"A task's {name} factor must be finite and positive, but is {factor}.");
        }
    }
}
