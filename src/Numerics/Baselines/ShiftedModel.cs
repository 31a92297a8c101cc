using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>The source network plus a constant per output. Standardised units; borrows the network.</summary>
/// <param name="source">The network.</param>
/// <param name="shift">The constants, [c].</param>
/// <param name="noiseVariance">Of an observation.</param>
/// <param name="shiftVariance">How uncertain the constants are.</param>
internal sealed class ShiftedModel(SourceNetwork source, double[] shift, double noiseVariance, double shiftVariance) : ITaskModel
{
    public Forecast Predict(RowMatrix inputs)
    {
        Standardisation units = source.Model.OutputStandardisation;
        double[] mean = [.. units.Apply(source.Evaluate(inputs)).Values.Select((f, i) => f + shift[i % shift.Length])];
        var variance = new double[mean.Length];
        Array.Fill(variance, noiseVariance + shiftVariance);
        return Forecast.Of(units, mean, variance);
    }

    public void Dispose()
    {
    }
}
