using System.Runtime.InteropServices;
using System.Text.Json;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Bench.Peers;

/// <summary>A task that ours and the peer's program both solve, and the files that the latter reads.</summary>
/// <param name="Model">16-500-500-1, tanh: 259,501 parameters.</param>
/// <param name="Prior">One scale for all parameters.</param>
/// <param name="Data">The observed rows.</param>
/// <param name="Tests">The inputs to predict.</param>
internal sealed record PeerTask(SourceModel Model, Prior Prior, TaskData Data, RowMatrix Tests)
{
    private const int Width = 16;
    private const int TestRows = 500;
    private static readonly int[] s_hidden = [500, 500];
    private const double Scale = 0.01;
    private const double Noise = 0.1;

    public static PeerTask Of(int rows)
    {
        SourceModel model = GeneratedTasks.Model(Width, s_hidden);
        RowMatrix inputs = GeneratedTasks.Inputs(rows, Width, seed: 11);
        var random = new Random(12);
        double[] targets = [.. Enumerable.Range(0, rows).Select(i => Smooth(inputs.Row(i)) + (Math.Sqrt(Noise) * ((random.NextDouble() * 3.46) - 1.73)))];
        return new PeerTask(
            model,
            Prior.Uniform(model.Spec, Scale, Noise) with { SourceResidualVariance = 1 },
            new TaskData(inputs, new RowMatrix(rows, 1, targets)),
            GeneratedTasks.Inputs(TestRows, Width, seed: 13));
    }

    /// <summary>Writes what gp.py reads.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "spec.json"), JsonSerializer.Serialize(new
        {
            n = Data.Rows,
            m = Tests.Rows,
            inputs = Width,
            hidden = s_hidden,
            theta = Prior.BlockScales.ToArray(),
            noise = Noise,
        }));
        Write(folder, "weights.f32", MemoryMarshal.AsBytes(Model.Weights.Values.AsSpan()));
        Write(folder, "x.f64", MemoryMarshal.AsBytes(Data.Inputs.Values.AsSpan()));
        Write(folder, "y.f64", MemoryMarshal.AsBytes(Data.Targets.Values.AsSpan()));
        Write(folder, "xs.f64", MemoryMarshal.AsBytes(Tests.Values.AsSpan()));
    }

    private static double Smooth(ReadOnlySpan<double> x) => Math.Sin(x[0]) + (0.5 * x[1] * x[2]) - Math.Cos(x[3] + x[4]);

    private static void Write(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        using FileStream file = File.Create(Path.Combine(folder, name));
        file.Write(bytes);
    }
}
