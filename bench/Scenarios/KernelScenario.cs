using System.Diagnostics;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>How close Jacobian products come to the speed of the matrix products that they are made of, and how far they are from rows.</summary>
internal static class KernelScenario
{
    private const int Rows = 8_000;
    private const int ImageRows = 2_000;
    private const int Repetitions = 5;

    public static ScenarioReport Run()
    {
        (double peak, double kernelSeconds, double speedup, double rowSeconds) = MeasureImages();
        SourceModel model = GeneratedTasks.Model(16, 500, 500);
        (double single, double singleSeconds, double gemm) = MeasureKernel(model, torch.ScalarType.Float32);
        (double both, double doubleSeconds, double gemmDouble) = MeasureKernel(model, torch.ScalarType.Float64);
        (double products, double productSeconds) = MeasureProducts(model);
        return ScenarioReport.Of(
            "kernel",
            new Figure("gemm_gflops", gemm, "GFLOP/s", null, "median of 7 products of 2048 x 2048, fp32, all cores"),
            new Figure("gemm_fp64_gflops", gemmDouble, "GFLOP/s", null, "the same in fp64"),
            new Figure(
                "kernel_build_over_floor",
                single,
                "1",
                1,
                $"K of n = {Rows}, 16-500-500-1, one scale per block, fp32, in {singleSeconds:0.000} s; floor: n^2 sum(d_in + d_out) flops (half of a symmetric matrix) at the rate above"),
            new Figure("kernel_build_fp64_over_floor", both, "1", 1, $"the same in fp64: {doubleSeconds:0.000} s over the floor at the fp64 rate"),
            new Figure(
                "jtj_fraction_of_gemm", products, "1", 1, $"J^T (J u), n = {Rows}, one column, fp32: 4 n p flops in {productSeconds:0.000} s, as a share of the rate above"),
            new Figure(
                "resnet_kernel_speedup_over_rows",
                speedup,
                "1",
                null,
                $"residual network, 295k parameters, n = {ImageRows} images of 3 x 32 x 32, fp32, from images to K: {kernelSeconds:0.00} s; by a reverse pass per row, J and J J^T: {rowSeconds:0.0} s"),
            new Figure("resnet_peak_gb", peak, "GB", null, "peak resident memory of the process while that K was built; J alone would have 2.4 GB"));
    }

    private static (double OverFloor, double Seconds, double Gemm) MeasureKernel(SourceModel model, torch.ScalarType dtype)
    {
        double before = Gemm.Measure(dtype);
        double flops = Flops(model.Spec);
        TorchRuntime.UseThreadsFor(flops, Environment.ProcessorCount);
        double[] scales = Scales(model.Spec);
        using var network = new SourceNetwork(model, torch.CPU, dtype);
        using JacobianFactors factors = network.Linearise(GeneratedTasks.Inputs(Rows, model.Spec.InputWidth, seed: 2));
        double seconds = Timing.Median(Repetitions, () =>
        {
            using torch.Tensor kernel = factors.Gram(scales);
        });
        double gemm = (before + Gemm.Measure(dtype)) / 2;
        return (seconds * gemm * 1e9 / flops, seconds, gemm);
    }

    private static (double Fraction, double Seconds) MeasureProducts(SourceModel model)
    {
        double before = Gemm.Measure(torch.ScalarType.Float32);
        using var network = new SourceNetwork(model, torch.CPU, torch.ScalarType.Float32);
        using JacobianFactors factors = network.Linearise(GeneratedTasks.Inputs(Rows, model.Spec.InputWidth, seed: 2));
        using torch.Tensor u = torch.randn(model.Spec.ParameterCount, 1);
        double seconds = Timing.Median(3 * Repetitions, () =>
        {
            using torch.Tensor pushed = factors.Apply(u);
            using torch.Tensor pulled = factors.ApplyTranspose(pushed);
        });
        double gemm = (before + Gemm.Measure(torch.ScalarType.Float32)) / 2;
        return (4.0 * Rows * model.Spec.ParameterCount / seconds / 1e9 / gemm, seconds);
    }

    private static (double Peak, double Seconds, double Speedup, double RowSeconds) MeasureImages()
    {
        SourceModel model = ResidualNetwork.Model();
        TorchRuntime.UseThreadsFor(double.MaxValue, Environment.ProcessorCount);
        RowMatrix images = GeneratedTasks.Inputs(ImageRows, model.Spec.InputWidth, seed: 3);
        double[] scales = [.. Enumerable.Repeat(1.0, model.Spec.Blocks.Length)];
        PeakMemory.Reset();
        using var network = new SourceNetwork(model, torch.CPU, torch.ScalarType.Float32);
        double seconds = Timing.Median(3, () =>
        {
            using JacobianFactors factors = network.Linearise(images);
            using torch.Tensor kernel = factors.Gram(scales);
        });
        double peak = PeakMemory.Read();
        long started = Stopwatch.GetTimestamp();
        RowJacobian.Kernel(model, images).Dispose();
        double rows = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (peak, seconds, rows / seconds, rows);
    }

    private static double[] Scales(NetworkSpec spec) => [.. spec.Blocks.Select((_, block) => 0.01 * (block + 1))];

    private static double Flops(NetworkSpec spec)
    {
        double width = spec.Nodes.OfType<LinearNode>().Sum(node => node.Outputs) + spec.InputWidth + spec.Nodes.OfType<LinearNode>().SkipLast(1).Sum(node => node.Outputs);
        return (double)Rows * Rows * width;
    }
}
