using System.Buffers;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// Tasks of one bucket in one pass: one forward and one reverse pass over all their rows, batched products for their kernels, then each task's own factorisation
/// in managed memory, several tasks at a time. The number of threads does not change a bit.
/// </summary>
internal sealed class FitPass(SourceNetwork source, Prior prior)
{
    private NetworkSpec Spec => source.Model.Spec;

    /// <summary>Fits the tasks.</summary>
    /// <param name="tasks">Checked, none of more than <paramref name="bucket"/> rows.</param>
    /// <param name="bucket">Rows of each run.</param>
    internal BatchOutcome<BatchFit>[] Run(ReadOnlySpan<BatchTask> tasks, int bucket)
    {
        try
        {
            return RunTogether(tasks.ToArray(), bucket);
        }
        catch (NumericsException error) when (tasks.Length == 1)
        {
            return [new BatchOutcome<BatchFit>(error)];
        }
        catch (NumericsException)
        {
            // An index outside of its table ends the forward pass: whose it is shows when each is alone.
            var outcomes = new BatchOutcome<BatchFit>[tasks.Length];
            for (int t = 0; t < outcomes.Length; t++)
            {
                outcomes[t] = Run(tasks.Slice(t, 1), bucket)[0];
            }

            return outcomes;
        }
    }

    private BatchOutcome<BatchFit>[] RunTogether(BatchTask[] tasks, int bucket)
    {
        int side = bucket * Spec.Outputs;
        double[] kernels = ArrayPool<double>.Shared.Rent(tasks.Length * side * side);
        try
        {
            (double[] output, double[] shift) = Linearise(tasks, bucket, kernels.AsSpan(0, tasks.Length * side * side));
            var outcomes = new BatchOutcome<BatchFit>[tasks.Length];
            BatchLoop.Run(tasks.Length, () => new DualFit(), (fit, t) => outcomes[t] = Fit(fit, tasks[t], t));
            return outcomes;

            BatchOutcome<BatchFit> Fit(DualFit fit, BatchTask task, int t)
            {
                try
                {
                    return new BatchOutcome<BatchFit>(fit.Run(
                        task,
                        prior,
                        source.Model,
                        kernels.AsSpan(t * side * side, side * side),
                        side,
                        output.AsSpan(t * side, side),
                        shift.Length == 0 ? [] : shift.AsSpan(t * side, side)));
                }
                catch (NumericsException error)
                {
                    return new BatchOutcome<BatchFit>(error);
                }
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(kernels);
        }
    }

    // The outputs and J d0, [T n c] each, and the kernels, [T, n c, n c].
    private (double[] Output, double[] Shift) Linearise(BatchTask[] tasks, int bucket, Span<double> kernels)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors factors = source.LineariseRuns(Stack(tasks, bucket));
        torch.Tensor gram = factors.Grams(factors, tasks.Length, prior.BlockScales.AsSpan());
        if (PriorFunctions.FeaturesAt(factors, prior) is { } features)
        {
            torch.Tensor perTask = features.view(tasks.Length, -1, features.shape[1]);
            gram.add_(torch.bmm(perTask, perTask.transpose(1, 2)), Scalars.One);
        }

        TensorInterop.CopyTo(gram, kernels);
        return (TensorInterop.ToDoubles(factors.Output), PriorFunctions.ShiftAt(factors, prior) is { } shift ? TensorInterop.ToDoubles(shift) : []);
    }

    private RowMatrix Stack(BatchTask[] tasks, int bucket)
    {
        int run = bucket * Spec.InputWidth;
        var values = new double[tasks.Length * run];
        for (int t = 0; t < tasks.Length; t++)
        {
            BatchLayout.Write(tasks[t].Data.Inputs, 0, tasks[t].Data.Rows, values.AsSpan(t * run, run));
        }

        return new RowMatrix(tasks.Length * bucket, Spec.InputWidth, values);
    }
}
