using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Small tasks of equally many rows: linearised as one, their blocks' kernels formed by batched products, then each task's evidence in managed memory,
/// several tasks at a time. The number of threads does not change a bit.
/// </summary>
internal sealed class PackedPart(SourceNetwork source, FleetTask[] tasks, FleetFitOptions options) : FleetPart(tasks)
{
    private TaskKernels[][]? _kept; // per task one, or one per output

    private NetworkSpec Spec => source.Model.Spec;

    private int Rows => Tasks[0].Data.Rows;

    private bool IsIndependent => options.Coupling == OutputCoupling.Independent && Spec.Outputs > 1;

    internal override double Flops
    {
        get
        {
            double n = IsIndependent ? Rows : Rows * Spec.Outputs;
            double once = (2 * n * n * n) + (4 * Spec.Blocks.Length * n * n);
            return Tasks.Length * ((IsIndependent ? Spec.Outputs * once : once) + (_kept is null ? BuildFlops(Spec, Rows) : 0));
        }
    }

    /// <summary>Flops of linearising a task and of its blocks' kernels.</summary>
    internal static double BuildFlops(NetworkSpec spec, int rows) => rows * (NetworkCost.Linearise(spec) + (2 * rows * NetworkCost.KernelPair(spec, rows, rows)));

    internal override long Prepare(long room)
    {
        TaskKernels[][] built = Build();
        Describe(built);
        long bytes = built.Sum(units => units.Sum(unit => unit.Bytes));
        _kept = bytes <= room ? built : null;
        return _kept is null ? 0 : bytes;
    }

    internal override FleetPart Only(FleetTask[] tasks) => new PackedPart(source, tasks, options);

    internal override void Evaluate(Prior prior, TaskTerms[] terms, MoveSum? moves, IReadOnlySet<int>? heldOut)
    {
        TaskKernels[][] built = _kept ?? Build();
        if (moves is null)
        {
            Evaluate(prior, terms, built, null);
            return;
        }

        // The factors are made again: that is less work than the products with them.
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors factors = source.Linearise(Stack());
        TaskMoves[][] ofTasks = Moves(TensorInterop.View(moves.Features(factors)), moves.Rank, built);
        Evaluate(prior, terms, built, ofTasks);
        for (int t = 0; t < ofTasks.Length; t++)
        {
            if (heldOut?.Contains(Tasks[t].Index) == true)
            {
                Array.ForEach(ofTasks[t], own => own.Pulls.AsSpan().Clear());
            }
        }

        moves.Add(factors, Pulls(ofTasks, moves.Rank));
    }

    internal override void Spectra(Prior prior, TaskSpectra?[] spectra, MoveSum? moves)
    {
        TaskKernels[][] built = _kept ?? Build();
        TaskMoves[][]? ofTasks = null;
        if (moves is not null)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using JacobianFactors factors = source.Linearise(Stack());
            ofTasks = Moves(TensorInterop.View(moves.Features(factors)), moves.Rank, built);
        }

        Parallel.For(0, built.Length, Threads(), t =>
        {
            if (Tasks[t].TakesPart)
            {
                spectra[Tasks[t].Index] = PackedSpectra.Of(built[t], prior, ofTasks?[t], HalfOf(Tasks[t], options.Seed), IsIndependent ? 1 : Spec.Outputs);
            }
        });
    }

    private static ParallelOptions Threads() => new() { MaxDegreeOfParallelism = torch.get_num_threads() };

    private void Evaluate(Prior prior, TaskTerms[] terms, TaskKernels[][] built, TaskMoves[][]? moves)
    {
        Parallel.For(
            0,
            built.Length,
            Threads(),
            () => new TaskEvidence(),
            (t, _, evidence) =>
            {
                if (Tasks[t].TakesPart)
                {
                    for (int unit = 0; unit < built[t].Length; unit++)
                    {
                        evidence.AddTo(terms[Tasks[t].Index], built[t][unit], prior, moves?[t][unit]);
                    }
                }

                return evidence;
            },
            _ => { });
    }

    // From all observations row by row to one task's, or one of its outputs', column by column.
    private static TaskMoves[][] Moves(ReadOnlySpan<double> features, int rank, TaskKernels[][] built)
    {
        int width = rank + 1;
        var moves = new TaskMoves[built.Length][];
        for (int t = 0; t < built.Length; t++)
        {
            int units = built[t].Length;
            moves[t] = new TaskMoves[units];
            for (int unit = 0; unit < units; unit++)
            {
                int n = built[t][unit].Count;
                var own = new double[n * width];
                for (int i = 0; i < n; i++)
                {
                    ReadOnlySpan<double> row = features.Slice(((((t * n) + i) * units) + unit) * width, width);
                    for (int k = 0; k < width; k++)
                    {
                        own[(k * n) + i] = row[k];
                    }
                }

                moves[t][unit] = new TaskMoves(rank, own);
            }
        }

        return moves;
    }

    // And back, [N, r + 1]; in the caller's scope.
    private torch.Tensor Pulls(TaskMoves[][] moves, int rank)
    {
        int width = rank + 1;
        int observations = Tasks[0].Observations;
        var all = new double[moves.Length * observations * width];
        for (int t = 0; t < moves.Length; t++)
        {
            int units = moves[t].Length;
            for (int unit = 0; unit < units; unit++)
            {
                double[] own = moves[t][unit].Pulls;
                int n = own.Length / width;
                for (int i = 0; i < n; i++)
                {
                    for (int k = 0; k < width; k++)
                    {
                        all[(((((t * n) + i) * units) + unit) * width) + k] = own[(k * n) + i];
                    }
                }
            }
        }

        return TensorInterop.FromDoubles(all, [moves.Length * observations, width], torch.ScalarType.Float64, source.Device);
    }

    private TaskKernels[][] Build()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors factors = source.Linearise(Stack());
        double[] output = TensorInterop.ToDoubles(factors.Output);
        double[][] residuals = [.. Tasks.Select((task, t) => Residuals(source.Model, options.Mean, task, output.AsSpan(t * task.Observations, task.Observations)))];
        int c = factors.Outputs;
        if (!IsIndependent)
        {
            return Array.ConvertAll(Units(factors, 0, residuals), unit => new[] { unit });
        }

        var perOutput = new TaskKernels[c][];
        for (int o = 0; o < c; o++)
        {
            using JacobianFactors own = factors.OfOutput(o);
            perOutput[o] = Units(own, o, [.. residuals.Select(all => all.Where((_, i) => i % c == o).ToArray())]);
        }

        return [.. Tasks.Select((_, t) => perOutput.Select(units => units[t]).ToArray())];
    }

    private RowMatrix Stack()
    {
        int width = Spec.InputWidth;
        var values = new double[Tasks.Length * Rows * width];
        for (int t = 0; t < Tasks.Length; t++)
        {
            Tasks[t].Data.Inputs.Values.CopyTo(values.AsSpan(t * Rows * width));
        }

        return new RowMatrix(Tasks.Length * Rows, width, values);
    }

    private TaskKernels[] Units(JacobianFactors factors, int output, double[][] residuals)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ReadOnlySpan<double> kernels = TensorInterop.View(factors.BlockGrams(Tasks.Length));
        var units = new TaskKernels[Tasks.Length];
        for (int t = 0; t < units.Length; t++)
        {
            units[t] = new TaskKernels(factors.Outputs, output, Pack(kernels, t, residuals[t].Length), residuals[t]);
        }

        return units;
    }

    // The upper triangles of one task's blocks of [B, T, N, N].
    private double[] Pack(ReadOnlySpan<double> kernels, int task, int n)
    {
        int length = PackedMatrix.Length(n);
        double[] packed = GC.AllocateUninitializedArray<double>(Spec.Blocks.Length * length);
        for (int b = 0; b < Spec.Blocks.Length; b++)
        {
            ReadOnlySpan<double> from = kernels.Slice(((b * Tasks.Length) + task) * n * n, n * n);
            for (int i = 0, to = b * length; i < n; to += n - i++)
            {
                from.Slice((i * n) + i, n - i).CopyTo(packed.AsSpan(to));
            }
        }

        return packed;
    }

    private void Describe(TaskKernels[][] built)
    {
        for (int t = 0; t < built.Length; t++)
        {
            Tasks[t].Standing.BlockTraces = [.. Enumerable.Range(0, Spec.Blocks.Length).Select(b => built[t].Sum(unit => PackedMatrix.Trace(unit.Block(b), unit.Count)))];
        }
    }
}
