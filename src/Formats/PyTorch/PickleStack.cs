namespace AdaptCluster.Formats.PyTorch;

/// <summary>The values and marks of a pickle that is being read, of bounded number.</summary>
internal sealed class PickleStack(PickleBytes bytes, MemoryBudget budget)
{
    /// <summary>Twice what torch.save needs at most inside one dictionary (pairs go in batches of 1000), with room for nesting.</summary>
    public const int MaxValues = 16_384;

    /// <summary>The deepest nesting.</summary>
    public const int MaxMarks = 256;

    /// <summary>What a value takes in a list, which doubles as it grows.</summary>
    private const int BytesPerValue = 64;

    private readonly List<PickleValue> _values = [];
    private readonly List<int> _marks = [];
    private int _most;

    /// <summary>How many values there are, those before marks included.</summary>
    public int Count => _values.Count;

    /// <summary>How many values are before the last mark, out of reach.</summary>
    private int Start => _marks.Count == 0 ? 0 : _marks[^1];

    public void Push(PickleValue value)
    {
        if (_values.Count == MaxValues)
        {
            throw bytes.Wrong($"it holds more than {MaxValues} values at a time");
        }

        if (_values.Count == _most)
        {
            budget.Take(BytesPerValue);
            _most++;
        }

        _values.Add(value);
    }

    /// <summary>The last value, taken; never one before the last mark.</summary>
    public PickleValue Pop()
    {
        PickleValue value = Peek();
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    /// <summary>The last value, left there.</summary>
    public PickleValue Peek() => _values.Count > Start ? _values[^1] : throw bytes.Wrong("it takes a value that is not there");

    public void Mark()
    {
        if (_marks.Count == MaxMarks)
        {
            throw bytes.Wrong($"it is nested more than {MaxMarks} deep");
        }

        _marks.Add(_values.Count);
    }

    /// <summary>The values after the last mark, taken as a new tuple.</summary>
    public PickleValue[] PopTuple() => PopTuple(_values.Count - PopMark());

    /// <summary>The last values, taken as a new tuple.</summary>
    public PickleValue[] PopTuple(int length)
    {
        if (length == 0)
        {
            return [];
        }

        if (length > _values.Count - Start)
        {
            throw bytes.Wrong("it takes values that are not there");
        }

        budget.Take(24 + (16L * length));
        var tuple = new PickleValue[length];
        _values.CopyTo(_values.Count - length, tuple, 0, length);
        _values.RemoveRange(_values.Count - length, length);
        return tuple;
    }

    /// <summary>Takes the pairs after the last mark into the dictionary before it.</summary>
    public void PopPairs()
    {
        int start = PopMark();
        if ((_values.Count - start) % 2 != 0 || start == 0)
        {
            throw bytes.Wrong("the items of a dictionary are not pairs");
        }

        PickleDictionary dictionary = RequireDictionary(_values[start - 1]);
        for (int i = start; i < _values.Count; i += 2)
        {
            Add(dictionary, _values[i], _values[i + 1]);
        }

        _values.RemoveRange(start, _values.Count - start);
    }

    /// <summary>Takes one pair into the dictionary before it.</summary>
    public void PopPair()
    {
        PickleValue value = Pop();
        PickleValue key = Pop();
        Add(RequireDictionary(Peek()), key, value);
    }

    /// <summary>Takes the values after the last mark, which are the items of the list before it.</summary>
    public void PopItems()
    {
        int start = PopMark();
        _values.RemoveRange(start, _values.Count - start);
        RequireList();
    }

    /// <summary>Takes one item of the list before it.</summary>
    public void PopItem()
    {
        Pop();
        RequireList();
    }

    private void Add(PickleDictionary dictionary, PickleValue key, PickleValue value)
    {
        budget.Take(2 * BytesPerValue);
        dictionary.Add(key, value);
    }

    private PickleDictionary RequireDictionary(PickleValue value) =>
        value.As<PickleDictionary>() ?? throw bytes.Wrong($"it puts items into {value.Kind}");

    private void RequireList()
    {
        if (!Peek().IsList)
        {
            throw bytes.Wrong($"it appends to {Peek().Kind}");
        }
    }

    private int PopMark()
    {
        if (_marks.Count == 0)
        {
            throw bytes.Wrong("it closes what it did not open");
        }

        int start = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return start;
    }
}
