using System.Runtime.InteropServices;
using System.Text.Json;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Bench.Peers;

/// <summary>A fleet of small tasks drawn from a known prior, whose prior ours and the peer's program both learn.</summary>
/// <param name="Model">16-64-64-1, tanh: 6 blocks, 5,313 parameters.</param>
/// <param name="Tasks">The tasks.</param>
internal sealed record PriorFleet(SourceModel Model, TaskData[] Tasks)
{
    /// <summary>Rows of a task.</summary>
    public const int Rows = 32;
    private const int Width = 16;
    private const double Noise = 0.04;
    private static readonly int[] s_hidden = [64, 64];
    private static readonly double[] s_scales = [0.002, 0.004, 0.001, 0.01, 0.01, 0.05];

    public static PriorFleet Of(int tasks)
    {
        SourceModel model = GeneratedTasks.Model(Width, s_hidden);
        using var network = new SourceNetwork(model, torch.CPU);
        return new PriorFleet(model, [.. Enumerable.Range(0, tasks).Select(t => Draw(network, t))]);
    }

    /// <summary>Writes what prior.py reads.</summary>
    /// <param name="folder">Where to; made if it is not there.</param>
    /// <param name="start">The logarithms of scales and noise variance that the fit starts from.</param>
    /// <param name="tolerance">Of every derivative of the evidence per observation.</param>
    public void Write(string folder, IEnumerable<double> start, double tolerance)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "spec.json"), JsonSerializer.Serialize(new
        {
            tasks = Tasks.Length,
            rows = Rows,
            inputs = Width,
            hidden = s_hidden,
            start = start.ToArray(),
            tolerance,
        }));
        Write(folder, "weights.f32", MemoryMarshal.AsBytes(Model.Weights.Values.AsSpan()));
        Write(folder, "x.f64", MemoryMarshal.AsBytes<double>(Tasks.SelectMany(task => task.Inputs.Values).ToArray()));
        Write(folder, "y.f64", MemoryMarshal.AsBytes<double>(Tasks.SelectMany(task => task.Targets.Values).ToArray()));
    }

    // The linearised network at parameters drawn from the prior, and noise.
    private static TaskData Draw(SourceNetwork network, int task)
    {
        NetworkSpec spec = network.Model.Spec;
        var random = new SeededRandom(task, stream: 5);
        var inputs = new RowMatrix(Rows, Width, random.Normals(Rows * Width));
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors factors = network.Linearise(inputs);
        double[] change = random.Normals(spec.ParameterCount);
        for (int b = 0; b < spec.Blocks.Length; b++)
        {
            foreach (ref double value in change.AsSpan(spec.Blocks[b].Offset, spec.Blocks[b].Count))
            {
                value *= Math.Sqrt(s_scales[b]);
            }
        }

        torch.Tensor moved = factors.Apply(TensorInterop.FromDoubles(change, [change.Length, 1], torch.ScalarType.Float64, torch.CPU));
        double[] function = TensorInterop.ToDoubles(moved.add_(factors.Output));
        return new TaskData(inputs, new RowMatrix(Rows, 1, [.. function.Select(f => f + (Math.Sqrt(Noise) * random.NextNormal()))]));
    }

    private static void Write(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        using FileStream file = File.Create(Path.Combine(folder, name));
        file.Write(bytes);
    }
}
