using System.Collections.Concurrent;
using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Bench.Chaos;

/// <summary>
/// One task with everything that was acknowledged of it. One writer adds its rows batch after batch, so that what a version rests on
/// is known from how many rows it has; readers ask at any time.
/// </summary>
internal sealed class ChaosTask(string name, int seed)
{
    /// <summary>Rows of a batch.</summary>
    public const int BatchRows = 4;

    /// <summary>After so many batches the task is left in peace until the end.</summary>
    public const int Batches = 40;

    private readonly LabelledRows _rows = GeneratedSource.Rows(BatchRows * Batches, seed);
    private readonly Lock _gate = new();
    private readonly Dictionary<int, int> _rowsOfVersion = [];
    private readonly ConcurrentDictionary<int, Prediction> _answers = [];
    private long _lastAnswer = Stopwatch.GetTimestamp();
    private double _silentSeconds;
    private bool _hasAnswered;

    public string Name => name;

    /// <summary>Batches that were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    public int Lost { get; private set; }

    public int Duplicated { get; private set; }

    public int Wrong { get; private set; }

    public bool IsComplete => Acknowledged == Batches;

    /// <summary>When the call began that gave the last answer; 0 before the first.</summary>
    public long LastAnswered { get; private set; }

    /// <summary>Seconds from the first to the last answer, and of those the ones in which it was silent for more than a second at a time.</summary>
    public (double All, double Silent) Times { get; private set; }

    /// <summary>When the last batch was acknowledged; 0 before the first.</summary>
    public long LastAcknowledged { get; private set; }

    public LabelledRows NextBatch => _rows.Slice(Acknowledged * BatchRows, BatchRows);

    /// <summary>The next batch was acknowledged by somebody who says how many rows the task has.</summary>
    public void BatchAcknowledged(int held)
    {
        Acknowledged++;
        LastAcknowledged = Stopwatch.GetTimestamp();
        Compare(held);
    }

    /// <summary>The task says how many rows it has; while nobody writes, they are those that were acknowledged.</summary>
    public void Compare(int held)
    {
        int expected = Acknowledged * BatchRows;
        Lost += held < expected ? (expected - held + BatchRows - 1) / BatchRows : 0;
        Duplicated += held > expected ? (held - expected + BatchRows - 1) / BatchRows : 0;
    }

    /// <summary>A version was acknowledged.</summary>
    public void VersionAcknowledged(TaskDescription task)
    {
        lock (_gate)
        {
            if (task.Posterior is { } posterior && !_rowsOfVersion.TryAdd(posterior.Version, posterior.Observations)
                && _rowsOfVersion[posterior.Version] != posterior.Observations)
            {
                Wrong++;
            }
        }
    }

    /// <summary>The task has answered; the same version must always say the same.</summary>
    public void Answered(Prediction prediction)
    {
        Prediction first = _answers.GetOrAdd(prediction.Version, prediction);
        bool same = IsSame(first.Mean.Values, prediction.Mean.Values) && IsSame(first.LatentVariance.Values, prediction.LatentVariance.Values);
        lock (_gate)
        {
            Wrong += same ? 0 : 1;
        }
    }

    /// <summary>The same, of a question that is asked again and again: how long it was silent counts.</summary>
    public void Answered(long began, Prediction prediction)
    {
        Answered(prediction);
        lock (_gate)
        {
            double since = Stopwatch.GetElapsedTime(_lastAnswer).TotalSeconds;
            _silentSeconds += _hasAnswered && since > 1 ? since : 0;
            Times = _hasAnswered ? (Times.All + since, _silentSeconds) : (0, 0);
            _hasAnswered = true;
            _lastAnswer = Stopwatch.GetTimestamp();
            LastAnswered = Math.Max(LastAnswered, began);
        }
    }

    /// <summary>Compares every version that was answered from with what the mathematics says of its rows.</summary>
    /// <returns>How many were compared.</returns>
    public int Verify(Rows probe)
    {
        foreach ((int version, Prediction answer) in _answers)
        {
            if (!_rowsOfVersion.TryGetValue(version, out int rows))
            {
                Wrong++;
                continue;
            }

            (double[] mean, double[] variance) = GeneratedSource.Reference(_rows.Slice(0, rows), probe);
            Wrong += IsSame(mean, answer.Mean.Values) && IsSame(variance, answer.LatentVariance.Values) ? 0 : 1;
        }

        return _answers.Count;
    }

    // The same arithmetic in another process: rounding alone is between them.
    private static bool IsSame(double[] expected, double[] actual)
    {
        const double tolerance = 1e-7;
        return expected.Length == actual.Length
            && expected.Zip(actual).All(pair => Math.Abs(pair.First - pair.Second) <= tolerance * (1 + Math.Abs(pair.First)));
    }
}
