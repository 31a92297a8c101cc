using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// What a run of rounds has so far: the solution of the rounds that ended, the recurrence of the current one, and what the probes of the first said.
/// Owns its tensors.
/// </summary>
internal sealed class RoundState : IDisposable
{
    /// <summary>Runs of the recurrence that have begun.</summary>
    internal int Rounds { get; set; } = 1;

    /// <summary>Steps in rounds that ended.</summary>
    internal int Iterations { get; set; }

    /// <summary>|b - A x| / |b| when the current round began.</summary>
    internal double Before { get; set; } = 1;

    /// <summary>The largest residual or error when the current round began, in multiples of what is asked for.</summary>
    internal double Excess { get; set; } = double.PositiveInfinity;

    /// <summary>|b - A x| / |b| of every column that is an answer, when it was last recomputed.</summary>
    internal required double[] Relative { get; set; }

    /// <summary>What the probes said, once the first round has ended.</summary>
    internal SpectrumEstimate? Spectrum { get; set; }

    /// <summary>How the rounds ended; null while they go on. Then X is whole, and the recurrence is of no more use.</summary>
    internal SolveStatistics? Ended { get; set; }

    /// <summary>X of the rounds that ended, [size, targets], fp64.</summary>
    internal required torch.Tensor Solution { get; set; }

    /// <summary>The current round.</summary>
    internal required ConjugateGradients Recurrence { get; set; }

    internal byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Rounds);
        writer.Write(Iterations);
        writer.Write(Before);
        writer.Write(Excess);
        Array.ForEach(Relative, writer.Write);
        writer.Write(Spectrum is not null);
        if (Spectrum is { } spectrum)
        {
            writer.Write(spectrum.LogDeterminant);
            writer.Write(spectrum.LogDeterminantError);
            writer.Write(spectrum.SmallestEigenvalue);
        }

        writer.Write(Ended is not null);
        if (Ended is { } ended)
        {
            writer.Write((int)ended.Status);
            writer.Write(ended.RelativeResidual);
            writer.Write(ended.Error);
            writer.Write(ended.PreconditionerSize);
        }

        writer.Write(Solution.shape[0]);
        writer.Write(Solution.shape[1]);
        writer.Write(VectorBlocks.ToBytes(Solution));
        Recurrence.Save().Write(writer);
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no such state.</exception>
    internal static RoundState Parse(byte[] bytes, Func<int, double, ConjugateGradientOptions> options, ISolveSystem system, torch.Device device)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            int rounds = reader.ReadInt32();
            int iterations = reader.ReadInt32();
            double before = reader.ReadDouble();
            double excess = reader.ReadDouble();
            double[] relative = [.. Enumerable.Range(0, system.Targets).Select(_ => reader.ReadDouble())];
            SpectrumEstimate? spectrum = reader.ReadBoolean() ? new SpectrumEstimate(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble()) : null;
            SolveStatistics? ended = reader.ReadBoolean()
                ? new SolveStatistics((SolveStatus)reader.ReadInt32(), iterations, rounds, reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt32())
                : null;
            (long rows, long columns) = (reader.ReadInt64(), reader.ReadInt64());
            byte[] values = reader.ReadBytes(checked((int)(rows * columns * sizeof(double))));
            torch.Tensor solution = TensorInterop.Own(VectorBlocks.FromBytes(values, rows, columns, inDouble: true, device));
            return new RoundState
            {
                Rounds = rounds,
                Iterations = iterations,
                Before = before,
                Excess = excess,
                Relative = relative,
                Spectrum = spectrum,
                Ended = ended,
                Solution = solution,
                Recurrence = ConjugateGradients.Resume(CgState.Read(reader, device), system.Preconditioner, options(rounds, before)),
            };
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException("The checkpoint is damaged.", error);
        }
    }

    public void Dispose()
    {
        Solution.Dispose();
        Recurrence.Dispose();
    }
}
