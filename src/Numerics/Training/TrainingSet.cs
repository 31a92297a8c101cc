using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Training;

/// <summary>Standardised rows on the device, fp32. Owns its tensors.</summary>
internal sealed class TrainingSet : IDisposable
{
    internal TrainingSet(TaskData data, int[] rows, Standardisation inputs, Standardisation outputs, torch.Device device)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Rows = rows.Length;
        X = Upload(inputs.Apply(data.Inputs.SelectRows(rows)), device);
        Y = Upload(outputs.Apply(data.Targets.SelectRows(rows)), device);
    }

    internal int Rows { get; }

    /// <summary>[n, d].</summary>
    internal torch.Tensor X { get; }

    /// <summary>[n, c].</summary>
    internal torch.Tensor Y { get; }

    public void Dispose()
    {
        X.Dispose();
        Y.Dispose();
    }

    /// <summary>The mean squared error of the network over all rows, in chunks.</summary>
    internal double MeanSquaredError(TrainableNetwork network)
    {
        const int Chunk = 16384;
        double squares = 0;
        for (int start = 0; start < Rows; start += Chunk)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            int count = Math.Min(Chunk, Rows - start);
            torch.Tensor error = (network.Forward(X.narrow(0, start, count)) - Y.narrow(0, start, count)).view(-1);
            squares += error.dot(error).item<float>();
        }

        return squares / Y.numel();
    }

    /// <summary>The variance of the targets, averaged over outputs.</summary>
    internal double TargetVariance()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor centred = Y - Y.mean([0L], keepdim: true);
        return centred.square().mean().item<float>();
    }

    private static torch.Tensor Upload(RowMatrix matrix, torch.Device device) =>
        TensorInterop.Own(TensorInterop.FromDoubles(matrix.Values, [matrix.Rows, matrix.Columns], torch.ScalarType.Float32, device));
}
