using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>Questions to the parts of a fit, and their answers, as little-endian numbers.</summary>
internal static class EvidenceBytes
{
    /// <summary>Asks what is known of the tasks before any fit.</summary>
    public static byte[] AskMembers() => [(byte)EvidenceKind.Members];

    /// <summary>Asks for the evidence under a prior.</summary>
    /// <param name="prior">Where to evaluate; mean and coupling are the order's.</param>
    /// <param name="heldOut">Tasks of the fleet that are scored, but are in no sum.</param>
    /// <param name="excluded">Tasks of the fleet that take no part in it.</param>
    public static byte[] AskEvidence(Prior prior, IEnumerable<int> heldOut, IEnumerable<int> excluded) => Ask(EvidenceKind.Evidence, prior, heldOut, excluded);

    /// <summary>Asks for what the spreads are learned from under a prior.</summary>
    /// <param name="prior">The fitted prior; mean and coupling are the order's.</param>
    /// <param name="excluded">Tasks of the fleet that take no part in it.</param>
    public static byte[] AskSpectra(Prior prior, IEnumerable<int> excluded) => Ask(EvidenceKind.Spectra, prior, [], excluded);

    private static byte[] Ask(EvidenceKind kind, Prior prior, IEnumerable<int> heldOut, IEnumerable<int> excluded)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write((byte)kind);
        Write(writer, prior.BlockScales.AsSpan());
        Write(writer, prior.NoiseVariance.AsSpan());
        Write(writer, prior.Shift.AsSpan());
        Write(writer, prior.Directions.AsSpan());
        Write<int>(writer, [.. heldOut.Order()]);
        Write<int>(writer, [.. excluded.Order()]);
        return stream.ToArray();
    }

    /// <summary>Reads a question; null if it asks for the members.</summary>
    public static (EvidenceKind Kind, Prior Prior, HashSet<int> HeldOut, HashSet<int> Excluded)? ReadQuestion(byte[] question, PriorMean mean, OutputCoupling coupling)
    {
        using var reader = new BinaryReader(new MemoryStream(question));
        var kind = (EvidenceKind)reader.ReadByte();
        if (kind == EvidenceKind.Members)
        {
            return null;
        }

        var prior = new Prior(Array<double>(reader), Array<double>(reader), mean)
        {
            Coupling = coupling,
            Shift = Array<double>(reader),
            Directions = Array<double>(reader),
        };
        HashSet<int> heldOut = [.. Array<int>(reader)];
        return (kind, prior, heldOut, [.. Array<int>(reader)]);
    }

    /// <summary>Names a question by its content.</summary>
    public static long NameOf(byte[] question) => (long)XxHash64.HashToUInt64(question);

    public static byte[] Write(FleetEvidenceValue value)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(value.Sum.LogEvidence);
        writer.Write(value.Sum.Observations);
        Write(writer, value.Sum.Gradient.LogBlockScales.AsSpan());
        Write(writer, value.Sum.Gradient.LogNoiseVariance.AsSpan());
        Write(writer, value.Information.AsSpan());
        Write(writer, value.Moves.AsSpan());
        writer.Write(value.Tasks.Length);
        foreach (TaskScore task in value.Tasks)
        {
            writer.Write(task.Task);
            writer.Write(task.Observations);
            writer.Write(task.LogEvidence);
            writer.Write(task.Misfit);
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no such value.</exception>
    public static FleetEvidenceValue ReadValue(ReadOnlyMemory<byte> bytes) => Read(bytes, reader =>
    {
        double evidence = reader.ReadDouble();
        int observations = reader.ReadInt32();
        var gradient = new EvidenceGradient(Array<double>(reader), Array<double>(reader));
        ImmutableArray<double> information = Array<double>(reader);
        ImmutableArray<double> moves = Array<double>(reader);
        var tasks = new TaskScore[Count(reader)];
        for (int t = 0; t < tasks.Length; t++)
        {
            tasks[t] = new TaskScore(reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
        }

        return new FleetEvidenceValue(new EvidenceValue(evidence, gradient, observations), information, ImmutableCollectionsMarshal.AsImmutableArray(tasks)) { Moves = moves };
    });

    /// <summary>One per task; nothing where a task has none.</summary>
    public static byte[] Write(IReadOnlyList<TaskSpectra?> spectra)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(spectra.Count);
        foreach (TaskSpectra? task in spectra)
        {
            Write<double>(writer, task is null ? [] : task.ToNumbers());
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no spectra.</exception>
    public static TaskSpectra?[] ReadSpectra(byte[] bytes) => Read(bytes, reader =>
    {
        var tasks = new TaskSpectra?[Count(reader)];
        for (int t = 0; t < tasks.Length; t++)
        {
            ImmutableArray<double> numbers = Array<double>(reader);
            try
            {
                tasks[t] = numbers.IsEmpty ? null : TaskSpectra.FromNumbers(numbers.AsSpan());
            }
            catch (ArgumentException error)
            {
                throw new InvalidDataException("spectra that are none", error);
            }
        }

        return tasks;
    });

    public static byte[] Write(EvidenceMembers members)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        Write(writer, members.Least.AsSpan());
        Write(writer, members.Largest.AsSpan());
        writer.Write(members.Tasks.Length);
        foreach (FleetMember task in members.Tasks)
        {
            writer.Write(task.Rows);
            writer.Write(task.Observations);
            writer.Write(task.SourceSquares);
            writer.Write(task.MeanSquares);
            Write(writer, task.BlockTraces.AsSpan());
            writer.Write(task.Excluded ?? string.Empty);
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no such description.</exception>
    public static EvidenceMembers ReadMembers(byte[] bytes) => Read(bytes, reader =>
    {
        ImmutableArray<double> least = Array<double>(reader);
        ImmutableArray<double> largest = Array<double>(reader);
        var tasks = new FleetMember[Count(reader)];
        for (int t = 0; t < tasks.Length; t++)
        {
            int rows = reader.ReadInt32();
            int observations = reader.ReadInt32();
            double source = reader.ReadDouble();
            double mean = reader.ReadDouble();
            ImmutableArray<double> traces = Array<double>(reader);
            string excluded = reader.ReadString();
            tasks[t] = new FleetMember(rows, observations, source, mean, traces, excluded.Length == 0 ? null : excluded);
        }

        return new EvidenceMembers(ImmutableCollectionsMarshal.AsImmutableArray(tasks), least, largest);
    });

    private static T Read<T>(ReadOnlyMemory<byte> bytes, Func<BinaryReader, T> read)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        try
        {
            T value = read(reader);
            return reader.BaseStream.Position == bytes.Length ? value : throw new InvalidDataException("it is too long");
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException("it is cut off", error);
        }
    }

    private static void Write<T>(BinaryWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    private static ImmutableArray<T> Array<T>(BinaryReader reader)
        where T : unmanaged
    {
        var values = new T[Count(reader)];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    // Never more than there are bytes: a damaged length must not become an allocation.
    private static int Count(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        return count >= 0 && count <= reader.BaseStream.Length ? count : throw new InvalidDataException($"it announces {count} elements");
    }
}
