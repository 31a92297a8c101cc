using AdaptCluster.Cli.Demo;
using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class SinusoidTasksTests
{
    [Fact]
    public void Next_ManyTasks_AreUniformOverTheFamily()
    {
        var family = new SinusoidTasks(1);
        SinusoidTask[] tasks = [.. Enumerable.Range(0, 4000).Select(_ => family.Next())];
        AssertUniform(tasks.Select(task => task.Amplitude), .1, 5);
        AssertUniform(tasks.Select(task => task.Frequency), .5, 2);
        AssertUniform(tasks.Select(task => task.Phase), 0, 2 * Math.PI);
    }

    [Fact]
    public void Observe_ManyPoints_ScatterByTheNoiseAroundTheFunction()
    {
        var family = new SinusoidTasks(2);
        var task = new SinusoidTask(2, 1.5, .7);
        LabelledRows rows = family.Observe(task, 4000);
        double[] residuals = [.. rows.Inputs.Values.Zip(rows.Targets.Values, (x, y) => y - (2 * Math.Sin((1.5 * x) + .7)))];
        Assert.Equal(0, residuals.Average(), .01);
        Assert.Equal(SinusoidTasks.Noise, Math.Sqrt(residuals.Average(r => r * r)), .005);
        AssertUniform(rows.Inputs.Values, -SinusoidTasks.Reach, SinusoidTasks.Reach);
    }

    [Fact]
    public void Sequence_SameSeed_IsTheSame()
    {
        Assert.Equal(Draw(5), Draw(5));
        Assert.NotEqual(Draw(5), Draw(6));

        static double[] Draw(int seed)
        {
            var family = new SinusoidTasks(seed);
            return family.Observe(family.Next(), 10).Targets.Values;
        }
    }

    private static void AssertUniform(IEnumerable<double> sample, double low, double high)
    {
        double[] shares = [.. sample.Select(value => (value - low) / (high - low))];
        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        Assert.Equal(.5, shares.Average(), .03); // 6 standard errors
        Assert.Equal(1.0 / 12, shares.Average(share => (share - .5) * (share - .5)), .01);
    }
}
