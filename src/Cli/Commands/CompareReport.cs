using AdaptCluster.Grains.Interfaces.Comparisons;

namespace AdaptCluster.Cli.Commands;

/// <summary>What a comparison found: the content of report.json and of --json. Names become camel case there.</summary>
internal sealed record CompareReport
{
    /// <summary>Of the file.</summary>
    public required int Tasks { get; init; }

    /// <summary>Of the file.</summary>
    public required int Rows { get; init; }

    public required int Splits { get; init; }

    public required double TrainShare { get; init; }

    public required int Seed { get; init; }

    /// <summary>Per number of rows seen and method, over the test tasks that allow that number.</summary>
    public required IReadOnlyList<MethodScore> Scores { get; init; }

    /// <summary>The same over the test tasks that allow the largest number: what the figure shows.</summary>
    public required IReadOnlyList<MethodScore> Curve { get; init; }

    /// <summary>How often each candidate of a choice is the right one, learned from the fleet.</summary>
    public required IReadOnlyList<CandidateShare> CandidateWeights { get; init; }

    /// <summary>Wall-clock seconds.</summary>
    public required double Seconds { get; init; }
}
