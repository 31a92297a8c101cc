using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Demo;

/// <summary>A seeded sequence of sinusoid tasks and noisy observations of them. One thread at a time.</summary>
internal sealed class SinusoidTasks(int seed)
{
    /// <summary>Observations are uniform over [-Reach, Reach].</summary>
    public const double Reach = 3;

    /// <summary>The standard deviation of the noise.</summary>
    public const double Noise = .1;

    private readonly Random _random = new(seed);

    /// <summary>Amplitude uniform in [0.1, 5), frequency in [0.5, 2), phase in [0, 2 pi).</summary>
    public SinusoidTask Next() => new(Uniform(.1, 5), Uniform(.5, 2), Uniform(0, 2 * Math.PI));

    /// <summary>Observes a task at random inputs.</summary>
    public LabelledRows Observe(SinusoidTask task, int count)
    {
        double[] x = new double[count];
        double[] y = new double[count];
        for (int i = 0; i < count; i++)
        {
            x[i] = Uniform(-Reach, Reach);
            y[i] = task.At(x[i]) + (Noise * Normal());
        }

        return new LabelledRows(new Rows(count, 1, x), new Rows(count, 1, y));
    }

    /// <summary>A whole number from low to high, both included.</summary>
    public int Count(int low, int high) => _random.Next(low, high + 1);

    private double Uniform(double low, double high) => low + ((high - low) * _random.NextDouble());

    // Box and Muller, one of the pair.
    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
