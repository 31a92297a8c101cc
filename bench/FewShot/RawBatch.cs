using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Bench.FewShot;

/// <summary>
/// The arithmetic of many tasks of equally many rows as a straight loop of batched TorchSharp calls, for one network of three dense layers: what the machine
/// gives for it when nothing but the arithmetic is done. All inputs are one array already; the results come back as numbers.
/// </summary>
internal sealed class RawBatch : IDisposable
{
    /// <summary>How many tasks of 32 rows at a time are fastest on the machines that this ran on: fewer pay for calls, more leave the cache.</summary>
    public const int Size = 128;

    private readonly torch.Tensor[] _weights; // W1, b1, W2, b2, W3, b3
    private readonly double _scale;
    private readonly double _noise;
    private readonly int _rows;
    private readonly int _width;

    public RawBatch(SourceModel model, double scale, double noise, int rows)
    {
        (_scale, _noise, _rows, _width) = (scale, noise, rows, model.Spec.InputWidth);
        float[] values = model.Weights.Values;
        _weights = [.. model.Spec.Blocks.Select(block => torch.tensor(
            Array.ConvertAll(values[block.Offset..(block.Offset + block.Count)], v => (double)v),
            [.. block.Shape.Select(length => (long)length)]).DetachFromDisposeScope())];
    }

    public void Dispose()
    {
        foreach (torch.Tensor weight in _weights)
        {
            weight.Dispose();
        }
    }

    /// <summary>Inputs and targets of all tasks, one after the other.</summary>
    public static (double[] Inputs, double[] Targets) Stack(IReadOnlyList<TaskData> tasks) =>
        ([.. tasks.SelectMany(task => task.Inputs.Values)], [.. tasks.SelectMany(task => task.Targets.Values)]);

    /// <summary>Alpha, evidence and leave-one-out of every task, so many tasks at a time.</summary>
    /// <returns>The sum of the evidence, so that it can be compared.</returns>
    public double Run(double[] inputs, double[] targets, int batch)
    {
        TorchRuntime.UseThreadsFor(double.PositiveInfinity, Environment.ProcessorCount);
        int tasks = targets.Length / _rows;
        double sum = 0;
        for (int first = 0; first < tasks; first += batch)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            int count = Math.Min(batch, tasks - first);
            sum += Pass(
                TensorInterop.FromDoubles(inputs[(first * _rows * _width)..((first + count) * _rows * _width)], [count * _rows, _width], torch.ScalarType.Float64, torch.CPU),
                TensorInterop.FromDoubles(targets[(first * _rows)..((first + count) * _rows)], [count, _rows, 1], torch.ScalarType.Float64, torch.CPU),
                count);
        }

        return sum;
    }

    private double Pass(torch.Tensor x, torch.Tensor y, int count)
    {
        torch.Tensor h1, h2, f, g1, g2;
        using (torch.no_grad())
        {
            h1 = torch.nn.functional.linear(x, _weights[0], _weights[1]).tanh_();
            h2 = torch.nn.functional.linear(h1, _weights[2], _weights[3]).tanh_();
            f = torch.nn.functional.linear(h2, _weights[4], _weights[5]);

            // The reverse pass written out: cheaper than the automatic one.
            g2 = (1 - h2.square()).mul_(_weights[4]);
            g1 = torch.mm(g2, _weights[2]).mul_(1 - h1.square());
        }

        torch.Tensor kernel = Gram(x, count).add_(Scalars.One).mul_(Gram(g1, count));
        kernel.addcmul_(Gram(h1, count).add_(Scalars.One), Gram(g2, count), Scalars.One);
        kernel.add_(Gram(h2, count).add_(Scalars.One), Scalars.One);
        torch.Tensor covariance = kernel * torch.tensor(_scale, dtype: torch.ScalarType.Float64) + (torch.eye(_rows, dtype: torch.ScalarType.Float64) * torch.tensor(_noise, dtype: torch.ScalarType.Float64));
        torch.Tensor factor = torch.linalg.cholesky(covariance);
        torch.Tensor residuals = y - f.view(count, _rows, 1);
        torch.Tensor alpha = residuals.cholesky_solve(factor);
        torch.Tensor inverse = torch.linalg.solve_triangular(factor, torch.eye(_rows, dtype: torch.ScalarType.Float64).expand(count, _rows, _rows), upper: false);
        torch.Tensor precision = inverse.square().sum(dim: 1);
        torch.Tensor leaveOut = alpha.view(count, _rows) / precision;
        torch.Tensor evidence = (residuals * alpha).sum([1L, 2L]).mul_(-0.5) - factor.diagonal(dim1: 1, dim2: 2).log().sum(dim: 1);
        _ = TensorInterop.ToDoubles(leaveOut);
        _ = TensorInterop.ToDoubles(precision);
        _ = TensorInterop.ToDoubles(alpha);
        return TensorInterop.ToDoubles(evidence).Sum() - (0.5 * count * _rows * Math.Log(2 * Math.PI));
    }

    private torch.Tensor Gram(torch.Tensor rows, int count)
    {
        torch.Tensor perTask = rows.view(count, _rows, -1);
        return torch.bmm(perTask, perTask.transpose(1, 2));
    }
}
