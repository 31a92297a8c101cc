using AdaptCluster.Client.Data;
using AdaptCluster.Client.Panels;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Panels;

/// <summary>Inputs that targets share, each with values at about two thirds of them.</summary>
internal sealed class PanelProblem
{
    private readonly Problem _problem;

    public PanelProblem(int rows = 60, int outputs = 1)
    {
        _problem = new Problem(outputs: outputs);
        Inputs = _problem.Rows(rows, seed: 50).Inputs;
    }

    public Problem Source => _problem;

    public Rows Inputs { get; }

    public int Outputs => _problem.Outputs;

    /// <summary>Some targets, NaN where a row was not observed; the same seed gives the same ones.</summary>
    public PanelTargetRows[] Targets(int count, int seed = 1, string prefix = "t") => [.. Enumerable.Range(0, count).Select(t =>
    {
        int n = Inputs.Count;
        double[] values = new Draws((seed * 1_000) + t).Normals(n * Outputs);
        for (int i = 0; i < n; i++)
        {
            if ((i + t) % 3 == 0)
            {
                values.AsSpan(i * Outputs, Outputs).Fill(double.NaN);
            }
        }

        return new PanelTargetRows($"{prefix}{t}", new Rows(n, Outputs, values));
    })];

    /// <summary>What a target observed, as the rows of a task of its own.</summary>
    public LabelledRows Alone(PanelTargetRows target)
    {
        int[] rows = [.. Enumerable.Range(0, Inputs.Count).Where(i => !double.IsNaN(target.Values[i][0]))];
        return new LabelledRows(Inputs, target.Values).Select(rows);
    }

    /// <summary>A panel with targets that nobody has solved yet.</summary>
    public async Task<PanelHandle> CreateAsync(SourceHandle source, PanelTargetRows[] targets, string name = "panel")
    {
        PanelHandle panel = source.Panel(name);
        await panel.CreateAsync(Inputs);
        await panel.ObserveAsync(targets);
        return panel;
    }

    /// <summary>A batch as it travels.</summary>
    public PanelBatch Batch(string id, params string[] names) => new(
        id,
        [.. names],
        TensorPayload.FromMatrix(new double[Inputs.Count * names.Length * Outputs], Inputs.Count, names.Length * Outputs),
        Marks([.. Enumerable.Repeat((byte)1, Inputs.Count * names.Length)], names.Length));

    public TensorPayload Marks(byte[] marks, int targets) => new(TensorElementType.UInt8, [Inputs.Count, targets], marks);

    /// <summary>
    /// The mean within 1e-5 of a standard deviation of the output: the solve's tolerance of 1e-6 with the room that its residual norm
    /// leaves. The variance never below (to rounding), above by at most 2%: the factor F ends when it leaves a hundredth of the noise of
    /// the kernel in all, and the eigenvalue's estimate has a margin.
    /// </summary>
    public void Near(Prediction expected, Prediction actual)
    {
        for (int i = 0; i < expected.Mean.Values.Length; i++)
        {
            double unit = Source.Registration.OutputScale[i % Outputs];
            double noise = expected.NoiseVariance[i % Outputs];
            Assert.Equal(expected.Mean.Values[i], actual.Mean.Values[i], 1e-5 * unit);
            Assert.InRange(
                actual.LatentVariance.Values[i],
                expected.LatentVariance.Values[i] - (1e-8 * unit * unit),
                1.02 * expected.LatentVariance.Values[i]);
            Assert.Equal(noise, actual.NoiseVariance[i % Outputs], 1e-12 * noise);
            Assert.Equal(expected.SourceMean.Values[i], actual.SourceMean.Values[i], 1e-12 * unit);
        }
    }
}
