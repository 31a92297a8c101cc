using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>The spectra of a task whose blocks' kernels are packed.</summary>
internal static class PackedSpectra
{
    /// <summary>Of a task's parts: one, or one per output.</summary>
    /// <param name="units">The parts.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="moves">Of a prior with shift or directions: the features of each part.</param>
    /// <param name="half">Half of the rows, ascending.</param>
    /// <param name="outputs">Observations per row in a part.</param>
    /// <returns>Null where a number is not finite.</returns>
    internal static TaskSpectra? Of(TaskKernels[] units, Prior prior, TaskMoves[]? moves, int[] half, int outputs)
    {
        int[] kept = [.. half.SelectMany(row => Enumerable.Range(row * outputs, outputs))];
        var wholes = new List<Spectrum>(units.Length);
        var halves = new List<Spectrum>(units.Length);
        for (int u = 0; u < units.Length; u++)
        {
            (double[] kernel, double[] residuals, double[] noise) = Assemble(units[u], prior, moves?[u]);
            Spectrum? part = kept.Length == 0
                ? null
                : TaskSpectrum.OfPacked(Select(kernel, residuals.Length, kept), Array.ConvertAll(kept, i => residuals[i]), Array.ConvertAll(kept, i => noise[i]));
            if (TaskSpectrum.OfPacked(kernel, residuals, noise) is not { } whole || (part is null && kept.Length > 0))
            {
                return null;
            }

            wholes.Add(whole);
            if (part is not null)
            {
                halves.Add(part);
            }
        }

        return new TaskSpectra(Spectrum.Join(wholes), halves.Count == 0 ? null : Spectrum.Join(halves));
    }

    private static (double[] Kernel, double[] Residuals, double[] Noise) Assemble(TaskKernels task, Prior prior, TaskMoves? moves)
    {
        var kernel = new double[PackedMatrix.Length(task.Count)];
        TaskEvidence.AddKernel(task, prior, moves, kernel);
        double[] residuals = task.Residuals.ToArray();
        if (moves is not null)
        {
            PackedMatrix.AddScaled(moves.Feature(moves.Rank), -1, residuals);
        }

        return (kernel, residuals, [.. Enumerable.Range(0, task.Count).Select(i => prior.NoiseOf(task.OutputOf(i)))]);
    }

    private static double[] Select(ReadOnlySpan<double> matrix, int n, int[] kept)
    {
        var selected = new double[PackedMatrix.Length(kept.Length)];
        int to = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            int row = PackedMatrix.Length(n) - PackedMatrix.Length(n - kept[i]); // where the row begins
            for (int j = i; j < kept.Length; j++)
            {
                selected[to++] = matrix[row + kept[j] - kept[i]];
            }
        }

        return selected;
    }
}
