namespace AdaptCluster.Formats.PyTorch;

/// <summary>
/// A value of a pickle, in 16 bytes: what is small is held here, texts are places in the pickle, and of values that are
/// ignored nothing is kept.
/// </summary>
internal readonly struct PickleValue
{
    private static readonly object IntegerTag = new();
    private static readonly object TextTag = new();
    private static readonly object ListTag = new();

    private readonly object? _content;
    private readonly long _number;

    private PickleValue(object? content, long number)
    {
        _content = content;
        _number = number;
    }

    /// <summary>None, a boolean, a real number, or whatever else is ignored.</summary>
    public static PickleValue Ignored => default;

    /// <summary>A list. State dictionaries have none; its items are not kept.</summary>
    public static PickleValue List => new(ListTag, 0);

    public bool IsInteger => ReferenceEquals(_content, IntegerTag);

    public bool IsText => ReferenceEquals(_content, TextTag);

    /// <summary>Whether it is one of the values of which nothing is kept.</summary>
    public bool IsIgnored => _content is null;

    public bool IsList => ReferenceEquals(_content, ListTag);

    /// <summary>The integer; only where it is one.</summary>
    public long Integer => _number;

    /// <summary>Where the text's UTF-8 is in the pickle; only where it is one.</summary>
    public (int Start, int Length) Text => ((int)(_number >> 32), (int)(uint)_number);

    /// <summary>What to call it in messages.</summary>
    public string Kind => _content switch
    {
        PickleTensor => "a tensor",
        PickleStorage => "a storage",
        PickleDictionary => "a dictionary",
        PickleValue[] => "a tuple",
        PickleGlobal => "a name",
        _ => IsInteger ? "an integer" : IsText ? "a text" : IsList ? "a list" : "a plain value",
    };

    public static PickleValue OfInteger(long value) => new(IntegerTag, value);

    public static PickleValue OfText(int start, int length) => new(TextTag, ((long)start << 32) | (uint)length);

    public static PickleValue Of(object content) => new(content, 0);

    /// <summary>The value as one of a class of its own: tuple (an array), dictionary, global, storage, tensor; else null.</summary>
    public T? As<T>()
        where T : class => _content as T;
}
