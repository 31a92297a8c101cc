using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary>
/// Gives every task of a file that one of the tenant's sources which explains its rows best: the largest evidence under the source's fleet prior, in the target's own
/// units. A task that exists stays with its source.
/// </summary>
internal sealed class SourceChooser
{
    /// <summary>The word that stands for the choice where a source is named.</summary>
    public const string Auto = "auto";

    private readonly List<Candidate> _candidates = [];

    private SourceChooser()
    {
    }

    /// <summary>The sources that can read the file, and its rows as each reads them.</summary>
    /// <exception cref="InvalidInputException">There is none; the message says why of each.</exception>
    public static async Task<SourceChooser> OpenAsync(CommandContext context, ClusterSession session, Table file, DataOptions data)
    {
        var chooser = new SourceChooser();
        var reasons = new List<string>();
        int minRows = context.NotNegative(data.MinRows);
        foreach (SourceDescription source in await session.Client.ListSourcesAsync(context.CancellationToken))
        {
            if (source.Prior is null)
            {
                reasons.Add($"source '{source.Name}' has no prior");
                continue;
            }

            try
            {
                (Table table, IReadOnlyList<LabelledGroup> tasks) = TaskFile.Labelled(
                    file, source, context.Get(data.Target), context.Get(data.Task), context.Find(data.DropMissing));
                TaskSizes.RequireNames(tasks, table);
                SourceHandle handle = session.Client.Source(source.Name);
                HashSet<string> existing = [.. await handle.ListTaskNamesAsync(context.CancellationToken)];
                IReadOnlyList<LabelledGroup> usable = TaskSizes.Require(tasks, minRows, table, context.Output, existing);
                chooser._candidates.Add(new Candidate(handle, usable.ToDictionary(task => task.Group.Task, StringComparer.Ordinal), existing));
            }
            catch (Exception error) when (error is TableException or InvalidInputException)
            {
                reasons.Add(error.Message.TrimEnd('.'));
            }
        }

        return chooser._candidates.Count > 0
            ? chooser
            : throw new InvalidInputException(
                $"--source {Auto}",
                reasons.Count == 0 ? "there are no sources" : $"no source can be used: {string.Join("; ", reasons)}",
                "train or import a source, and learn its prior with 'adapt prior fit'");
    }

    /// <summary>The chosen sources with their tasks, by name.</summary>
    public async Task<IReadOnlyList<(SourceHandle Source, IReadOnlyList<LabelledGroup> Tasks)>> ChooseAsync(
        int concurrency, Action<double, string> report, CancellationToken cancellationToken)
    {
        string[] names = [.. _candidates.SelectMany(candidate => candidate.Tasks.Keys).Distinct().Order(StringComparer.Ordinal)];
        var chosen = new int[names.Length];
        int done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, names.Length), options, async (i, token) =>
        {
            chosen[i] = await ChooseAsync(names[i], token);
            int now = Interlocked.Increment(ref done);
            report((double)now / names.Length, $"{now} of {names.Length} weighed");
        });
        return
        [
            .. _candidates.Select((candidate, c) => (
                candidate.Source,
                (IReadOnlyList<LabelledGroup>)[.. names.Where((_, i) => chosen[i] == c).Select(name => candidate.Tasks[name])])),
        ];
    }

    private async Task<int> ChooseAsync(string task, CancellationToken cancellationToken)
    {
        int best = _candidates.FindIndex(candidate => candidate.Existing.Contains(task) && candidate.Tasks.ContainsKey(task));
        if (best >= 0)
        {
            return best;
        }

        // Where no source gives an answer the first is as good as any: adapting says what is wrong.
        best = _candidates.FindIndex(candidate => candidate.Tasks.ContainsKey(task));
        double most = double.NegativeInfinity;
        for (int c = best; c < _candidates.Count; c++)
        {
            if (!_candidates[c].Tasks.TryGetValue(task, out LabelledGroup? group))
            {
                continue;
            }

            double evidence = await WeighAsync(_candidates[c].Source, task, group, cancellationToken);
            if (evidence > most)
            {
                (best, most) = (c, evidence);
            }
        }

        return best;
    }

    private static async Task<double> WeighAsync(SourceHandle source, string task, LabelledGroup group, CancellationToken cancellationToken)
    {
        try
        {
            return (await source.Task(task).WeighAsync(group.Rows, cancellationToken)).LogEvidence;
        }
        catch (AdaptationFailedException)
        {
            return double.NegativeInfinity;
        }
    }

    private sealed record Candidate(SourceHandle Source, Dictionary<string, LabelledGroup> Tasks, HashSet<string> Existing);
}
