namespace AdaptCluster.Formats.PyTorch;

/// <summary>The values that a pickle refers to again, by number: most of what is in it, so nothing is moved as it grows.</summary>
internal sealed class PickleMemo(PickleBytes bytes, MemoryBudget budget)
{
    private const int ChunkLength = 256;
    private const int ChunkBytes = (16 * ChunkLength) + MemoryBudget.Object;

    private readonly List<PickleValue[]> _chunks = [];
    private int _count;

    /// <summary>Remembers a value under a number: the next one, as every pickler counts.</summary>
    public void Put(int number, PickleValue value)
    {
        if (number < 0 || number > _count)
        {
            throw bytes.Wrong($"it remembers a value as number {number} after {_count}", Remedies.CopyAgain);
        }

        if (number == _chunks.Count * ChunkLength)
        {
            budget.Take(ChunkBytes);
            _chunks.Add(new PickleValue[ChunkLength]);
        }

        _chunks[number / ChunkLength][number % ChunkLength] = value;
        _count = Math.Max(_count, number + 1);
    }

    public PickleValue Get(int number) => number >= 0 && number < _count
        ? _chunks[number / ChunkLength][number % ChunkLength]
        : throw bytes.Wrong($"it recalls value {number} of {_count}", Remedies.CopyAgain);
}
