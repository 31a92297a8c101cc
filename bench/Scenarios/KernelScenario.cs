using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>How close the kernel matrix of a large network comes to the speed of the matrix products that it is made of.</summary>
internal static class KernelScenario
{
    private const int Rows = 4_000;
    private const int Repetitions = 5;

    public static ScenarioReport Run()
    {
        SourceModel model = GeneratedTasks.Model(16, 500, 500);
        (double single, double singleSeconds, double gemm) = Measure(model, torch.ScalarType.Float32);
        (double both, double doubleSeconds, double gemmDouble) = Measure(model, torch.ScalarType.Float64);
        return ScenarioReport.Of(
            "kernel",
            new Figure("gemm_gflops", gemm, "GFLOP/s", null, "median of 7 products of 2048 x 2048, fp32, all cores"),
            new Figure("gemm_fp64_gflops", gemmDouble, "GFLOP/s", null, "the same in fp64"),
            new Figure(
                "kernel_build_fraction_of_gemm",
                single,
                "1",
                1,
                $"K of n = {Rows}, 16-500-500-1, one scale per block, fp32: n^2 sum(d_in + d_out) flops (half of a symmetric matrix) in {singleSeconds:0.000} s, as a share of the rate above"),
            new Figure(
                "kernel_build_fp64_fraction_of_gemm", both, "1", 1, $"the same in fp64: {doubleSeconds:0.000} s, as a share of the fp64 rate"));
    }

    private static (double Fraction, double Seconds, double Gemm) Measure(SourceModel model, torch.ScalarType dtype)
    {
        double before = Gemm.Measure(dtype);
        TorchRuntime.UseThreadsFor(Flops(model.Spec), Environment.ProcessorCount);
        double[] scales = [.. model.Spec.Blocks.Select((_, block) => 0.01 * (block + 1))];
        using var network = new SourceNetwork(model, torch.CPU, dtype);
        using JacobianFactors factors = network.Linearise(GeneratedTasks.Inputs(Rows, model.Spec.InputWidth, seed: 2));
        double seconds = Timing.Median(Repetitions, () =>
        {
            using torch.Tensor kernel = factors.Gram(scales);
        });
        double gemm = (before + Gemm.Measure(dtype)) / 2;
        return (Flops(model.Spec) / seconds / 1e9 / gemm, seconds, gemm);
    }

    private static double Flops(NetworkSpec spec)
    {
        double width = spec.Nodes.OfType<LinearNode>().Sum(node => node.Outputs) + spec.InputWidth + spec.Nodes.OfType<LinearNode>().SkipLast(1).Sum(node => node.Outputs);

        return (double)Rows * Rows * width;
    }
}
