using System.Diagnostics;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>How fast a device multiplies matrices.</summary>
/// <param name="SingleFlops">Floating-point operations per second in fp32.</param>
/// <param name="DoubleFlops">The same in fp64.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct DeviceSpeed(double SingleFlops, double DoubleFlops)
{
    private const int Size = 640;
    private const int Repetitions = 6;

    // Several lanes of one process would otherwise measure each other.
    private static readonly Lock s_turn = new();

    /// <summary>Measures it on the calling thread, with the threads that are set: the best of some products, about a tenth of a second.</summary>
    public static DeviceSpeed Measure(torch.Device device)
    {
        lock (s_turn)
        {
            return new DeviceSpeed(Measure(device, torch.ScalarType.Float32), Measure(device, torch.ScalarType.Float64));
        }
    }

    private static double Measure(torch.Device device, torch.ScalarType type)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor factor = torch.ones(Size, Size, dtype: type, device: device);
        torch.Tensor result = torch.empty(Size, Size, dtype: type, device: device);
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repetitions; i++)
        {
            long started = Stopwatch.GetTimestamp();
            using torch.Tensor product = torch.mm(factor, factor);
            result.narrow(0, 0, 1).copy_(product.narrow(0, 0, 1));
            using torch.Tensor first = result.narrow(0, 0, 1).narrow(1, 0, 1).cpu(); // waits for the device
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return 2.0 * Size * Size * Size / best;
    }
}
