using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using AdaptCluster.Formats.Tensors;

namespace AdaptCluster.Formats.Safetensors;

/// <summary>Reads and checks a file's header, token by token: a tree of it could be many times its size.</summary>
internal ref struct SafetensorsHeader
{
    /// <summary>Two levels are the format's; the rest is for members that later versions of it may have.</summary>
    private const int MaxDepth = 8;

    private const string NotSafetensors = "it is not a safetensors file";

    private readonly ModelSource _source;
    private readonly MemoryBudget _budget;
    private readonly ReadOnlyMemory<byte> _data;
    private readonly List<NamedTensor> _tensors = [];
    private readonly List<(int Start, int End, int Tensor)> _extents = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private Utf8JsonReader _json;
    private string? _name;
    private bool _hasMetadata;

    private SafetensorsHeader(ModelSource source, int length)
    {
        _source = source;
        _budget = source.Budget;
        _data = source.Bytes[(8 + length)..];
        _json = new Utf8JsonReader(source.Bytes.Span.Slice(8, length), new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    public readonly IReadOnlyList<NamedTensor> Tensors => _tensors;

    public readonly IReadOnlyDictionary<string, string> Metadata => _metadata;

    private readonly string? Where => _name switch
    {
        null => null,
        SafetensorsFile.MetadataKey => "metadata",
        _ => $"tensor {Quote.One(_name)}",
    };

    /// <exception cref="ModelFileException">It is no such header, or not that of this file.</exception>
    public static SafetensorsHeader Read(ModelSource source)
    {
        ReadOnlySpan<byte> span = source.Bytes.Span;
        long length = span.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(span);
        if (length is < 2 or > SafetensorsFile.MaxHeaderBytes || length > span.Length - 8)
        {
            throw source.Wrong(null, $"{NotSafetensors} or it is cut off: {span.Length} bytes do not hold its header");
        }

        ReadOnlySpan<byte> header = span.Slice(8, (int)length);
        if (header[0] != (byte)'{' || !Utf8.IsValid(header))
        {
            throw source.Wrong("header", $"{NotSafetensors}: no JSON object in UTF-8");
        }

        var reader = new SafetensorsHeader(source, (int)length);
        try
        {
            reader.ReadRoot();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Of the latter kind: half of a surrogate pair, which is valid in JSON's grammar and in no string.
            throw reader.Wrong($"its JSON is wrong at byte {reader._json.BytesConsumed}", error);
        }

        reader.RequireCovered();
        return reader;
    }

    private void ReadRoot()
    {
        Next(JsonTokenType.StartObject);
        while (NextName() is string name)
        {
            if (name == SafetensorsFile.MetadataKey)
            {
                ReadMetadata();
            }
            else
            {
                ReadTensor(name);
            }

            _name = null;
        }

        // The reader knows no other way to say that nothing but blanks follows.
        _json.Read();
    }

    private void ReadMetadata()
    {
        _name = SafetensorsFile.MetadataKey;
        if (_hasMetadata)
        {
            throw Wrong("it is there twice");
        }

        _hasMetadata = true;
        Next(JsonTokenType.StartObject);
        while (NextName() is string name)
        {
            Next(JsonTokenType.String);
            _budget.TakeText(_json.ValueSpan.Length);
            _budget.Take(MemoryBudget.Object);
            if (!_metadata.TryAdd(name, _json.GetString()!))
            {
                throw Wrong($"{Quote.One(name)} is there twice");
            }
        }
    }

    private void ReadTensor(string name)
    {
        _name = name;
        _budget.Take(5 * MemoryBudget.Object);
        if (!_names.Add(name))
        {
            throw Wrong("it is there twice");
        }

        ElementType? type = null;
        ImmutableArray<int>? shape = null;
        (int Start, int End)? extent = null;
        Next(JsonTokenType.StartObject);
        while (NextMember())
        {
            if (IsMember("dtype", type is not null))
            {
                type = ReadType();
            }
            else if (IsMember("shape", shape is not null))
            {
                shape = ReadShape();
            }
            else if (IsMember("data_offsets", extent is not null))
            {
                extent = ReadExtent();
            }
            else
            {
                _json.Skip();
            }
        }

        if (type is null || shape is null || extent is not (int start, int end))
        {
            throw Wrong("dtype, shape or data_offsets is missing");
        }

        _extents.Add((start, end, _tensors.Count));
        _tensors.Add(new NamedTensor(name, type.Value, shape.Value, _data[start..end], _source.File));
    }

    private ElementType ReadType()
    {
        Next(JsonTokenType.String);
        if (_json.ValueSpan.Length > 64)
        {
            throw Wrong("its dtype is no name");
        }

        string name = _json.GetString()!;
        return SafetensorsTypes.TypeOf(name) ?? throw _source.Wrong(
            Where, $"its elements are {Quote.One(name)}", "convert it to F16, BF16, F32, F64, I8, U8, I16, I32, I64 or BOOL");
    }

    private ImmutableArray<int> ReadShape()
    {
        Span<int> shape = stackalloc int[NamedTensor.MaxRank];
        int rank = 0;
        Next(JsonTokenType.StartArray);
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt32(out int length) || length < 0)
            {
                throw Wrong("its shape is not of numbers from 0 to 2^31 - 1");
            }

            if (rank == NamedTensor.MaxRank)
            {
                throw Wrong($"it has more than {NamedTensor.MaxRank} dimensions");
            }

            shape[rank++] = length;
        }

        return [.. shape[..rank]];
    }

    private (int Start, int End) ReadExtent()
    {
        Next(JsonTokenType.StartArray);
        int start = ReadOffset();
        int end = ReadOffset();
        Next(JsonTokenType.EndArray);
        return start <= end ? (start, end) : throw Wrong($"its data goes from {start} to {end}");
    }

    private int ReadOffset()
    {
        Next(JsonTokenType.Number);
        return _json.TryGetInt32(out int offset) && offset >= 0 && offset <= _data.Length
            ? offset
            : throw Wrong($"its data is not within the {_data.Length} bytes after the header");
    }

    /// <summary>Every byte after the header belongs to exactly one tensor, as the format demands.</summary>
    private void RequireCovered()
    {
        _extents.Sort();
        int covered = 0;
        foreach ((int start, int end, int tensor) in _extents)
        {
            if (start != covered)
            {
                _name = _tensors[tensor].Name;
                throw Wrong(start < covered ? "its data overlaps another tensor's" : $"bytes {covered} to {start} before its data belong to no tensor");
            }

            covered = end;
        }

        if (covered != _data.Length)
        {
            throw Wrong($"its tensors end after {covered} of {_data.Length} bytes");
        }
    }

    private void Next(JsonTokenType expected)
    {
        if (!_json.Read() || _json.TokenType != expected)
        {
            throw Wrong($"its header has {_json.TokenType} where {expected} should be");
        }
    }

    private bool NextMember() => _json.Read() && _json.TokenType == JsonTokenType.PropertyName;

    private readonly bool IsMember(string name, bool isRead)
    {
        bool isMember = _json.ValueTextEquals(name);
        return isMember && isRead ? throw Wrong($"its {name} is there twice") : isMember;
    }

    /// <summary>The next member's name; null at the end of the object.</summary>
    private string? NextName()
    {
        if (!NextMember())
        {
            return null;
        }

        _budget.TakeText(_json.ValueSpan.Length);
        return _json.GetString();
    }

    private readonly ModelFileException Wrong(string problem, Exception? cause = null) =>
        _source.Wrong(Where, problem, "save it again with the safetensors library", cause);
}
