using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>A copy of a conjugate gradient recurrence, exact to the bit, and its form as bytes: a checkpoint.</summary>
internal sealed class CgState
{
    private const int Version = 1;

    /// <summary>Copies the tensors to the processor's memory, outside any dispose scope; <see cref="ConjugateGradients.Resume"/> takes them over.</summary>
    internal CgState(CgColumn[] columns, int[] active, int iteration, torch.Tensor solution, torch.Tensor residual, torch.Tensor direction)
    {
        Columns = [.. columns.Select(Copy)];
        Active = [.. active];
        Iteration = iteration;
        Solution = TensorInterop.Own(solution.clone());
        Residual = TensorInterop.Own(residual.clone());
        Direction = TensorInterop.Own(direction.clone());
    }

    internal CgColumn[] Columns { get; }

    internal int[] Active { get; }

    internal int Iteration { get; }

    internal torch.Tensor Solution { get; }

    internal torch.Tensor Residual { get; }

    internal torch.Tensor Direction { get; }

    /// <summary>Writes it.</summary>
    internal void Write(BinaryWriter writer)
    {
        writer.Write(Version);
        writer.Write(Iteration);
        writer.Write(Columns.Length);
        foreach (CgColumn column in Columns)
        {
            Write(writer, column);
        }

        writer.Write(Active.Length);
        Array.ForEach(Active, writer.Write);
        Write(writer, Solution);
        Write(writer, Residual);
        Write(writer, Direction);
        Solution.Dispose();
        Residual.Dispose();
        Direction.Dispose();
    }

    /// <summary>Reads what <see cref="Write(BinaryWriter)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    internal static CgState Read(BinaryReader reader, torch.Device device)
    {
        if (reader.ReadInt32() != Version)
        {
            throw new InvalidDataException("The checkpoint was written by another version.");
        }

        int iteration = reader.ReadInt32();
        CgColumn[] columns = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadColumn(reader))];
        int[] active = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadInt32())];
        using DisposeScope scope = torch.NewDisposeScope();
        return new CgState(columns, active, iteration, ReadTensor(reader, device), ReadTensor(reader, device), ReadTensor(reader, device));
    }

    private static CgColumn Copy(CgColumn column) => new()
    {
        Status = column.Status,
        RightHandSide = column.RightHandSide,
        Residual = column.Residual,
        Error = column.Error,
        Best = column.Best,
        SinceBest = column.SinceBest,
        Square = column.Square,
        FirstSquare = column.FirstSquare,
        Steps = [.. column.Steps],
        Ratios = [.. column.Ratios],
    };

    private static void Write(BinaryWriter writer, CgColumn column)
    {
        writer.Write((int)column.Status);
        writer.Write(column.SinceBest);
        foreach (double value in (ReadOnlySpan<double>)[column.RightHandSide, column.Residual, column.Error, column.Best, column.Square, column.FirstSquare])
        {
            writer.Write(value);
        }

        writer.Write(column.Steps.Count);
        column.Steps.ForEach(writer.Write);
        writer.Write(column.Ratios.Count);
        column.Ratios.ForEach(writer.Write);
    }

    private static CgColumn ReadColumn(BinaryReader reader)
    {
        var status = (SolveStatus)reader.ReadInt32();
        int sinceBest = reader.ReadInt32();
        return new CgColumn
        {
            Status = status,
            SinceBest = sinceBest,
            RightHandSide = reader.ReadDouble(),
            Residual = reader.ReadDouble(),
            Error = reader.ReadDouble(),
            Best = reader.ReadDouble(),
            Square = reader.ReadDouble(),
            FirstSquare = reader.ReadDouble(),
            Steps = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadDouble())],
            Ratios = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadDouble())],
        };
    }

    private static void Write(BinaryWriter writer, torch.Tensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        writer.Write(tensor.dtype == torch.ScalarType.Float32);
        writer.Write(tensor.shape[0]);
        writer.Write(tensor.shape[1]);
        writer.Write(tensor.cpu().contiguous().bytes);
    }

    private static torch.Tensor ReadTensor(BinaryReader reader, torch.Device device)
    {
        torch.ScalarType type = reader.ReadBoolean() ? torch.ScalarType.Float32 : torch.ScalarType.Float64;
        torch.Tensor tensor = torch.empty(reader.ReadInt64(), reader.ReadInt64(), dtype: type);
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(tensor.bytes));
        return tensor.to(device);
    }
}
