using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// Mean and variance of some rows of each of many tasks in one pass: the tasks' own rows and the new ones go through the network together, the cross kernels are
/// batched products, and each task's mean and variance come from its alpha and factor in managed memory.
/// </summary>
internal sealed class PredictPass(SourceNetwork source, Prior prior)
{
    private NetworkSpec Spec => source.Model.Spec;

    /// <summary>Predicts parts of one shape.</summary>
    /// <param name="parts">Rows of a query; their outcome is written into the query's buffers.</param>
    /// <param name="rows">The bucket of the tasks' rows, n.</param>
    /// <param name="queryRows">The bucket of the rows to predict, m.</param>
    internal void Run(ReadOnlySpan<QueryPart> parts, int rows, int queryRows)
    {
        try
        {
            RunTogether(parts.ToArray(), rows, queryRows);
        }
        catch (NumericsException error) when (parts.Length == 1)
        {
            parts[0].Target.Error = error;
        }
        catch (NumericsException)
        {
            for (int t = 0; t < parts.Length; t++)
            {
                Run(parts.Slice(t, 1), rows, queryRows);
            }
        }
    }

    private void RunTogether(QueryPart[] parts, int rows, int queryRows)
    {
        (int n, int m) = (rows * Spec.Outputs, queryRows * Spec.Outputs);
        (double[] cross, double[] variance, double[] output, double[] shift) = Linearise(parts, rows, queryRows);
        BatchLoop.Run(parts.Length, () => new double[n], (column, t) => Evaluate(
            parts[t],
            cross.AsSpan(t * m * n, m * n),
            variance.AsSpan(t * m, m),
            output.AsSpan(t * m, m),
            shift.Length == 0 ? [] : shift.AsSpan(t * m, m),
            column));
    }

    private void Evaluate(
        QueryPart part, ReadOnlySpan<double> cross, ReadOnlySpan<double> variance, ReadOnlySpan<double> output, ReadOnlySpan<double> shift, double[] room)
    {
        DualPosterior posterior = part.Target.Query.Posterior;
        int c = Spec.Outputs;
        int n = posterior.Alpha.Length;
        int stride = room.Length;
        Span<double> column = room.AsSpan(0, n);
        PredictionBuffers buffers = part.Target.Buffers;
        for (int j = 0; j < part.Count * c; j++)
        {
            if (!double.IsFinite(output[j]))
            {
                part.Target.Error = new NonFiniteOutputException(part.First + (j / c));
                return;
            }

            cross.Slice(j * stride, n).CopyTo(column);
            if (posterior.Factors.Scale != 1)
            {
                PackedMatrix.Scale(column, posterior.Factors.Scale);
            }

            int at = (part.First * c) + j;
            buffers.Mean[at] = PackedMatrix.Dot(column, posterior.Alpha) + (prior.Mean == PriorMean.Source ? output[j] : 0) + (shift.IsEmpty ? 0 : shift[j]);
            PackedMatrix.SolveForward(posterior.Factor, column);
            buffers.Variance[at] = Math.Max(0, (variance[j] * posterior.Factors.Scale) - PackedMatrix.Dot(column, column));
            buffers.Source[at] = output[j];
        }
    }

    // The cross kernels [T, m c, n c]; prior variances, outputs and J d0 of the rows to predict, [T m c] each.
    private (double[] Cross, double[] Variance, double[] Output, double[] Shift) Linearise(QueryPart[] parts, int rows, int queryRows)
    {
        int tasks = parts.Length;
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors all = source.LineariseRuns(Stack(parts, rows, queryRows));
        using JacobianFactors train = all.Slice(0, tasks * rows);
        using JacobianFactors at = all.Slice(tasks * rows, tasks * queryRows);
        torch.Tensor cross = at.Grams(train, tasks, prior.BlockScales.AsSpan());
        if (PriorFunctions.FeaturesAt(all, prior) is { } features)
        {
            long rank = features.shape[1];
            torch.Tensor own = features.narrow(0, 0, train.Count).view(tasks, -1, rank);
            torch.Tensor asked = features.narrow(0, train.Count, at.Count).view(tasks, -1, rank);
            cross.add_(torch.bmm(asked, own.transpose(1, 2)), Scalars.One);
        }

        return (
            TensorInterop.ToDoubles(cross),
            TensorInterop.ToDoubles(PriorFunctions.Variances(at, prior)),
            TensorInterop.ToDoubles(at.Output),
            PriorFunctions.ShiftAt(at, prior) is { } shift ? TensorInterop.ToDoubles(shift) : []);
    }

    // All tasks' own rows, then all rows to predict.
    private RowMatrix Stack(QueryPart[] parts, int rows, int queryRows)
    {
        int width = Spec.InputWidth;
        var values = new double[parts.Length * (rows + queryRows) * width];
        Span<double> asked = values.AsSpan(parts.Length * rows * width);
        for (int t = 0; t < parts.Length; t++)
        {
            RowMatrix own = parts[t].Target.Query.Posterior.Data.Inputs;
            BatchLayout.Write(own, 0, own.Rows, values.AsSpan(t * rows * width, rows * width));
            BatchLayout.Write(parts[t].Target.Query.Inputs, parts[t].First, parts[t].Count, asked.Slice(t * queryRows * width, queryRows * width));
        }

        return new RowMatrix(parts.Length * (rows + queryRows), width, values);
    }
}
