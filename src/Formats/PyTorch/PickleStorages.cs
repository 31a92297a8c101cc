using System.Runtime.InteropServices;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Formats.Zip;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>Finds the numbers of the tensors that a pickle describes.</summary>
internal sealed class PickleStorages(StoredZip archive, string root, PickleBytes pickle, ModelSource source)
{
    /// <summary>The tensor: a view of its storage, or a copy where its elements are not in order there.</summary>
    /// <exception cref="ModelFileException">Its storage is missing or too small, or its numbers mean something else.</exception>
    public NamedTensor Read(string name, PickleTensor tensor)
    {
        int rank = tensor.Shape.Length;
        if (tensor.Storage.Type is not ElementType type || !tensor.IsPlain)
        {
            throw Wrong(name, "its numbers are bytes without a type, or negated or conjugated", "save it as .clone().contiguous()");
        }

        if (rank > NamedTensor.MaxRank || rank != tensor.Strides.Length)
        {
            throw Wrong(name, $"it has {rank} lengths and {tensor.Strides.Length} strides", $"use tensors of at most {NamedTensor.MaxRank} dimensions");
        }

        source.Budget.Take(4 * MemoryBudget.Object);
        var shape = new int[rank];
        Span<long> strides = stackalloc long[rank];
        bool isWrong = false;
        for (int i = 0; i < rank; i++)
        {
            shape[i] = tensor.Shape[i] is { IsInteger: true, Integer: >= 0 and <= int.MaxValue } length ? (int)length.Integer : -1;
            strides[i] = tensor.Strides[i].Integer;
            isWrong |= !tensor.Strides[i].IsInteger || strides[i] < 0;
        }

        var view = new StridedView(Find(tensor.Storage, type, name), TensorSize.Of(type), tensor.Offset, shape, strides);
        return !isWrong && view.IsWithinStorage()
            ? new NamedTensor(name, type, ImmutableCollectionsMarshal.AsImmutableArray(shape), DataOf(name, view, TensorSize.Of(type)), source.File)
            : throw Wrong(name, $"shape {TensorSize.Text(shape)} at {tensor.Offset} reaches beyond its {tensor.Storage.Count} numbers");
    }

    private ReadOnlyMemory<byte> DataOf(string name, StridedView view, int elementSize)
    {
        if (view.IsContiguous())
        {
            return view.Slice();
        }

        long bytes = (long)view.Count * elementSize;
        source.Budget.Take(bytes);
        return bytes <= Array.MaxLength ? view.Copy() : throw Wrong(name, $"{bytes} bytes are too large for one array", "save it as .contiguous()");
    }

    private ReadOnlyMemory<byte> Find(PickleStorage storage, ElementType type, string name)
    {
        source.Budget.TakeText(2L * (root.Length + storage.Key.Text.Length));
        string entry = $"{root}/data/{pickle.TextOf(storage.Key)}";
        if (!archive.TryFind(entry, out ReadOnlyMemory<byte> content))
        {
            throw Wrong(name, $"its numbers, entry {Quote.One(entry)}, are missing");
        }

        return (Int128)storage.Count * TensorSize.Of(type) == content.Length
            ? content
            : throw Wrong(name, $"its storage of {storage.Count} {type} has {content.Length} bytes");
    }

    private ModelFileException Wrong(string name, string problem, string remedy = Remedies.CopyAgain) =>
        source.Wrong($"tensor {Quote.One(name)}", problem, remedy);
}
