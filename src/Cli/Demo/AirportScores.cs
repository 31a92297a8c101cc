using AdaptCluster.Client.Data;
using AdaptCluster.Client.Evaluation;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Demo;

/// <summary>One airport's test flights under the three methods.</summary>
internal sealed record AirportScores(FitScores None, FitScores MeanShift, FitScores Adapted)
{
    /// <param name="seen">The flights adapted to.</param>
    /// <param name="tests">The flights tested on.</param>
    /// <param name="prediction">Of the seen flights, and then of the tests.</param>
    public static AirportScores Of(LabelledRows seen, LabelledRows tests, Prediction prediction)
    {
        double sourceVariance = prediction.SourceNoiseVariance[0];
        var shift = MeanShiftBaseline.Fit(seen.Targets.Values, prediction.SourceMean.Values.AsSpan(0, seen.Count), sourceVariance);
        var none = new ScoreSum();
        var shifted = new ScoreSum();
        var adapted = new ScoreSum();
        for (int i = 0; i < tests.Count; i++)
        {
            int row = seen.Count + i;
            double observed = tests.Targets[i][0];
            double source = prediction.SourceMean[row][0];
            none.Add(observed, source, sourceVariance);
            shifted.Add(observed, source + shift.Shift, shift.Variance);
            adapted.Add(observed, prediction.Mean[row][0], prediction.LatentVariance[row][0] + prediction.NoiseVariance[0]);
        }

        return new AirportScores(none.Mean(), shifted.Mean(), adapted.Mean());
    }
}
