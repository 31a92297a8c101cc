using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>What the fleet's tasks say about a source network that is left as it is, in standardised units squared, over all outputs.</summary>
/// <param name="SourceVariance">The mean squared residual: the noise of "no adaptation".</param>
/// <param name="WithinVariance">The same around each task's own mean residual, with the degrees of freedom that those cost: the noise once a task was shifted.</param>
internal sealed record FleetResiduals(double SourceVariance, double WithinVariance)
{
    private const double Smallest = 1e-12;

    internal static FleetResiduals Of(SourceNetwork source, IReadOnlyList<TaskData> tasks, IComputeSlices slices)
    {
        double squares = 0;
        double within = 0;
        long count = 0;
        long free = 0;
        double[][] residuals = slices.Each(tasks.Count, source.Model.Spec.FlopsPerRow * 1024, t => Residuals(source, tasks[t]));
        int c = source.Model.Spec.Outputs;
        foreach (double[] task in residuals)
        {
            for (int o = 0; o < c; o++)
            {
                double[] column = [.. task.Where((_, i) => i % c == o)];
                double mean = column.Average();
                squares += column.Sum(r => r * r);
                within += column.Sum(r => (r - mean) * (r - mean));
                count += column.Length;
                free += column.Length - 1;
            }
        }

        double source2 = Math.Max(squares / count, Smallest);
        return new FleetResiduals(source2, free > 0 ? Math.Max(within / free, Smallest) : source2);
    }

    /// <summary>The standardised residuals of the source network, index i c + o.</summary>
    internal static double[] Residuals(SourceNetwork source, TaskData data)
    {
        Standardisation units = source.Model.OutputStandardisation;
        double[] output = units.Apply(source.Evaluate(data.Inputs)).Values;
        return [.. units.Apply(data.Targets).Values.Zip(output, (y, f) => y - f)];
    }
}
