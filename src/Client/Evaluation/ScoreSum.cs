using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Client.Evaluation;

/// <summary>Accumulates how well normal predictions meet observations. Not thread-safe.</summary>
public sealed class ScoreSum
{
    private double _squaredError;
    private double _negativeLogDensity;
    private int _covered;

    /// <summary>How many observations were added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one observation and its prediction, all in the target's own units.</summary>
    public void Add(double observed, double mean, double variance)
    {
        double error = observed - mean;
        _squaredError += error * error;
        _negativeLogDensity += 0.5 * ((error * error / variance) + Math.Log(2 * Math.PI * variance));
        _covered += Math.Abs(error) <= Tasks.Prediction.Normal95 * Math.Sqrt(variance) ? 1 : 0;
        Count++;
    }

    /// <summary>The means over what was added.</summary>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    public FitScores Mean() => Count > 0
        ? new FitScores(_squaredError / Count, _negativeLogDensity / Count, (double)_covered / Count)
        : throw new InvalidOperationException("There are no observations to score.");
}
