using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Panels;

namespace AdaptCluster.Grains.Panels;

/// <summary>What is durable of a panel, but for its inputs, batches and solutions, which are in the tensor store.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PanelState")]
internal sealed record PanelState
{
    /// <summary>Distinguishes the panel from a deleted one of the same name.</summary>
    [Id(0)]
    public required Guid Incarnation { get; init; }

    /// <summary>The content hash of the inputs.</summary>
    [Id(1)]
    public required string InputsHash { get; init; }

    /// <summary>n: the rows of the inputs.</summary>
    [Id(2)]
    public required int Inputs { get; init; }

    /// <summary>Every batch that was taken, in order.</summary>
    [Id(3)]
    public ImmutableArray<StoredPanelBatch> Batches { get; init; } = [];

    /// <summary>The targets, by name in ordinal order.</summary>
    [Id(4)]
    public ImmutableArray<StoredPanelTarget> Targets { get; init; } = [];

    /// <summary>The blocks whose solutions are there.</summary>
    [Id(5)]
    public ImmutableArray<StoredPanelBlock> Blocks { get; init; } = [];

    /// <summary>Blocks that were begun and have not ended. Counted before the attempt.</summary>
    [Id(6)]
    public int Attempts { get; init; }

    /// <summary>Why the last block failed as a whole.</summary>
    [Id(7)]
    public string? Failure { get; init; }

    /// <summary>What the last block took.</summary>
    [Id(8)]
    public PanelSolveSummary? LastSolve { get; init; }

    /// <summary>The number of the next block: one more than that of any that was solved.</summary>
    public int NextBlock => (LastSolve?.Block ?? 0) + 1;

    /// <summary>The target of a name; null if there is none.</summary>
    public StoredPanelTarget? Find(string name)
    {
        (int low, int high) = (0, Targets.Length - 1);
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = string.CompareOrdinal(Targets[middle].Name, name);
            if (order == 0)
            {
                return Targets[middle];
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }

    /// <summary>Whether targets are already what a batch with this content would make them.</summary>
    public bool Holds(string hash, ImmutableArray<string> names)
    {
        int number = Find(names[0])?.Batch ?? 0;
        return number > 0
            && Batches[number - 1].Hash == hash
            && names.Select((name, column) => Find(name) is { } target && target.Batch == number && target.Column == column).All(same => same);
    }

    /// <summary>With a batch taken: its targets are what it says.</summary>
    public PanelState With(StoredPanelBatch stored, ImmutableArray<string> names, int[] observed)
    {
        var targets = Targets.ToDictionary(target => target.Name, StringComparer.Ordinal);
        for (int t = 0; t < names.Length; t++)
        {
            StoredPanelTarget? old = targets.GetValueOrDefault(names[t]);
            targets[names[t]] = new StoredPanelTarget
            {
                Name = names[t],
                Batch = stored.Number,
                Column = t,
                Observed = observed[t],
                Posterior = old?.Posterior,
            };
        }

        return this with { Batches = Batches.Add(stored), Targets = Ordered(targets.Values) };
    }

    /// <summary>With a block solved: each of its targets has a posterior or a failure, also where its values are newer by now.</summary>
    public PanelState With(PanelOutcome outcome)
    {
        var targets = Targets.ToDictionary(target => target.Name, StringComparer.Ordinal);
        for (int t = 0; t < outcome.Targets.Length; t++)
        {
            StoredPanelTarget solved = outcome.Targets[t];
            if (targets.GetValueOrDefault(solved.Name) is { } current)
            {
                targets[solved.Name] = outcome.Failures[t] is { } failure
                    ? current with { Failure = failure }
                    : current with { Failure = null, Posterior = outcome.PosteriorOf(t, (current.Posterior?.Version ?? 0) + 1) };
            }
        }

        return this with
        {
            Targets = Ordered(targets.Values),
            Blocks = Blocks.Add(outcome.Block),
            Attempts = 0,
            Failure = null,
            LastSolve = outcome.Summary,
        };
    }

    /// <summary>Batches whose file no target needs any more.</summary>
    public ImmutableArray<StoredPanelBatch> DeadBatches()
    {
        HashSet<int> used = [.. Targets.Select(target => target.Batch)];
        return [.. Batches.Where(batch => batch.IsKept && !used.Contains(batch.Number))];
    }

    /// <summary>Blocks whose solutions no target needs any more.</summary>
    public ImmutableArray<StoredPanelBlock> DeadBlocks()
    {
        HashSet<int> used = [.. Targets.Select(target => target.Posterior?.Block ?? 0)];
        return [.. Blocks.Where(block => !used.Contains(block.Number))];
    }

    private static ImmutableArray<StoredPanelTarget> Ordered(IEnumerable<StoredPanelTarget> targets) =>
        [.. targets.OrderBy(target => target.Name, StringComparer.Ordinal)];
}
