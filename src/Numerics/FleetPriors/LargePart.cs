using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>One task that is too large for packed kernels: its factors are kept, kernel and Cholesky factor are made by torch in each evaluation.</summary>
internal sealed class LargePart(Networks.SourceNetwork source, FleetTask task, FleetFitOptions options) : FleetPart([task])
{
    private JacobianFactors? _kept;

    internal override double Flops => 3 * TaskPosterior.FlopsToFit(
        source.Model.Spec, Prior.Uniform(source.Model.Spec, 1, 1) with { Coupling = options.Coupling }, task.Data.Rows);

    internal override long Prepare(long room)
    {
        JacobianFactors factors = source.Linearise(task.Data.Inputs);
        Residuals(source.Model, options.Mean, task, TensorInterop.ToDoubles(factors.Output));
        using (torch.Tensor traces = factors.BlockTraces())
        {
            task.Standing.BlockTraces = TensorInterop.ToDoubles(traces);
        }

        if (factors.Bytes > room)
        {
            factors.Dispose();
            return 0;
        }

        _kept = factors;
        return factors.Bytes;
    }

    internal override FleetPart Only(FleetTask[] tasks) => new LargePart(source, tasks[0], options);

    internal override void Evaluate(Prior prior, TaskTerms[] terms, MoveSum? moves, IReadOnlySet<int>? heldOut)
    {
        if (!task.TakesPart)
        {
            return;
        }

        using DisposeScope scope = torch.NewDisposeScope();
        JacobianFactors? made = _kept is null ? source.Linearise(task.Data.Inputs) : null;
        try
        {
            TaskInformation.AddTo(terms[task.Index], _kept ?? made!, TaskPosterior.StandardisedTargets(source, task.Data), prior, moves, isHeldOut: heldOut?.Contains(task.Index) == true);
        }
        finally
        {
            made?.Dispose();
        }
    }

    // Of a sample of its rows that is small enough.
    internal override void Spectra(Prior prior, TaskSpectra?[] spectra, MoveSum? moves)
    {
        int most = Math.Max(2, TaskSpectrum.MostObservations / source.Model.Spec.Outputs);
        Data.TaskData few = OwnSpread.Sample(task.Data, most);
        if (task.TakesPart && OwnSpread.SpectrumOf(source, few, prior) is { } whole)
        {
            int[] half = [.. Enumerable.Range(0, few.Rows).Where(row => row % 2 == 0)];
            spectra[task.Index] = new TaskSpectra(whole, OwnSpread.SpectrumOf(source, few.SelectRows(half), prior));
        }
    }

    public override void Dispose()
    {
        _kept?.Dispose();
        base.Dispose();
    }
}
