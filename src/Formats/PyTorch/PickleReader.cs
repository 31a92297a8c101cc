namespace AdaptCluster.Formats.PyTorch;

/// <summary>
/// Reads the pickle of a state dictionary: a stack machine that knows the instructions and names that <c>torch.save</c>
/// writes, refuses all others, and calls nothing. See CPython's <c>pickletools.py</c> and PyTorch's
/// <c>torch/serialization.py</c>.
/// </summary>
/// <remarks>
/// Deviations from <c>pickle</c>: protocol 2 only; memo numbers count up; lists, real numbers and integers beyond 64 bits are
/// passed over, since no tensor depends on them; nothing may follow the end.
/// </remarks>
internal sealed class PickleReader(PickleBytes bytes, MemoryBudget budget)
{
    private const int Protocol = 2;

    private readonly PickleStack _stack = new(bytes, budget);
    private readonly PickleMemo _memo = new(bytes, budget);

    /// <summary>The one value that the pickle is.</summary>
    /// <exception cref="ModelFileException">It is damaged, or does what no state dictionary needs.</exception>
    public PickleValue Read()
    {
        ReadProtocol();
        PickleOpcode opcode;
        while ((opcode = bytes.ReadOpcode()) != PickleOpcode.Stop)
        {
            Execute(opcode);
        }

        PickleValue value = _stack.Pop();
        return _stack.Count == 0 && bytes.IsAtEnd ? value : throw bytes.Wrong("it goes on after its end", Remedies.CopyAgain);
    }

    private void ReadProtocol()
    {
        if (bytes.ReadOpcode() != PickleOpcode.Protocol)
        {
            throw bytes.Wrong("it is no pickle of protocol 2", Remedies.CopyAgain);
        }

        int protocol = bytes.ReadByte();
        if (protocol != Protocol)
        {
            throw bytes.Wrong($"it is a pickle of protocol {protocol}", "save it with torch.save's own pickle_protocol, 2");
        }
    }

    private void Execute(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark:
                _stack.Mark();
                break;
            case PickleOpcode.Append:
                _stack.PopItem();
                break;
            case PickleOpcode.Appends:
                _stack.PopItems();
                break;
            case PickleOpcode.SetItem:
                _stack.PopPair();
                break;
            case PickleOpcode.SetItems:
                _stack.PopPairs();
                break;
            case PickleOpcode.BinPut:
                _memo.Put(bytes.ReadByte(), _stack.Peek());
                break;
            case PickleOpcode.LongBinPut:
                _memo.Put(bytes.ReadInt32(), _stack.Peek());
                break;
            case PickleOpcode.Build:
                Build();
                break;
            default:
                _stack.Push(ReadValue(opcode));
                break;
        }
    }

    private PickleValue ReadValue(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.None or PickleOpcode.True or PickleOpcode.False:
                return PickleValue.Ignored;
            case PickleOpcode.BinFloat:
                bytes.Skip(sizeof(double));
                return PickleValue.Ignored;
            case PickleOpcode.BinInt:
                return PickleValue.OfInteger(bytes.ReadInt32());
            case PickleOpcode.BinInt1:
                return PickleValue.OfInteger(bytes.ReadByte());
            case PickleOpcode.BinInt2:
                return PickleValue.OfInteger(bytes.ReadUInt16());
            case PickleOpcode.Long1:
                return bytes.ReadLong();
            case PickleOpcode.BinUnicode:
                return bytes.ReadText();
            case PickleOpcode.EmptyList:
                return PickleValue.List;
            case PickleOpcode.EmptyDictionary:
                return NewDictionary();
            case PickleOpcode.EmptyTuple:
                return PickleValue.Of(Array.Empty<PickleValue>());
            case PickleOpcode.Tuple:
                return PickleValue.Of(_stack.PopTuple());
            case PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                return PickleValue.Of(_stack.PopTuple(opcode - PickleOpcode.Tuple1 + 1));
            case PickleOpcode.BinGet:
                return _memo.Get(bytes.ReadByte());
            case PickleOpcode.LongBinGet:
                return _memo.Get(bytes.ReadInt32());
            case PickleOpcode.Global:
                return ReadGlobal();
            case PickleOpcode.BinPersistentId:
                return ReadStorage(_stack.Pop());
            case PickleOpcode.Reduce:
                return Reduce();
            default:
                throw bytes.Wrong($"instruction 0x{(byte)opcode:x2} is none that torch.save writes for a state dictionary");
        }
    }

    private PickleValue NewDictionary()
    {
        budget.Take(MemoryBudget.Object);
        return PickleValue.Of(new PickleDictionary());
    }

    private PickleValue ReadGlobal()
    {
        // Names are at most 256 characters each, and seldom more than once in a pickle.
        budget.Take(8 * MemoryBudget.Object);
        string module = bytes.ReadName();
        string name = bytes.ReadName();
        return PickleGlobal.Find(module, name) is PickleGlobal global
            ? PickleValue.Of(global)
            : throw bytes.Wrong($"global {Quote.One($"{module}.{name}")} is not a part of dense tensors, and nothing else is loaded");
    }

    /// <summary>A reference to something outside the pickle: ('storage', type, key, location, elements).</summary>
    private PickleValue ReadStorage(PickleValue id)
    {
        budget.Take(MemoryBudget.Object);
        return id.As<PickleValue[]>() is [{ IsText: true } kind, PickleValue type, { IsText: true } key, _, { IsInteger: true } count]
            && bytes.Utf8Of(kind).SequenceEqual("storage"u8)
            && type.As<PickleGlobal>() is { Role: PickleRole.Storage } storage
            ? PickleValue.Of(new PickleStorage(storage.Type, key, count.Integer))
            : throw bytes.Wrong("a persistent id is not that of a storage");
    }

    /// <summary>What a call would give; nothing is called.</summary>
    private PickleValue Reduce()
    {
        PickleValue arguments = _stack.Pop();
        PickleValue callee = _stack.Pop();
        if (callee.As<PickleGlobal>() is not PickleGlobal global || arguments.As<PickleValue[]>() is not PickleValue[] given)
        {
            throw bytes.Wrong($"it calls {callee.Kind} with {arguments.Kind}");
        }

        return (global.Role, given) switch
        {
            (PickleRole.Dictionary, []) => NewDictionary(),
            (PickleRole.Tensor, _) => ReadTensor(given),
            (PickleRole.Parameter, [PickleValue tensor, ..]) when tensor.As<PickleTensor>() is not null => tensor,
            (PickleRole.Ignored, _) => PickleValue.Ignored,
            _ => throw bytes.Wrong($"it calls {global.Role} with {given.Length} unexpected arguments"),
        };
    }

    /// <summary>(storage, offset, lengths, strides, requires_grad, hooks), and from PyTorch 1.13 on metadata, if there are any.</summary>
    private PickleValue ReadTensor(PickleValue[] arguments)
    {
        budget.Take(MemoryBudget.Object);
        return arguments is [PickleValue storage, { IsInteger: true } offset, PickleValue shape, PickleValue strides, _, PickleValue hooks, .. var metadata]
            && storage.As<PickleStorage>() is PickleStorage numbers
            && shape.As<PickleValue[]>() is PickleValue[] lengths
            && strides.As<PickleValue[]>() is PickleValue[] steps
            && hooks.As<PickleDictionary>() is not null
            && metadata.Length <= 1
            ? PickleValue.Of(new PickleTensor(numbers, offset.Integer, lengths, steps, metadata.Length == 0 || IsNothing(metadata[0])))
            : throw bytes.Wrong("a tensor is not made of storage, offset, lengths and strides");
    }

    private static bool IsNothing(PickleValue metadata) =>
        metadata.IsIgnored || metadata.As<PickleDictionary>()?.Pairs.Count == 0;

    /// <summary>Attributes of a dictionary, such as a module's versions; they are ignored.</summary>
    private void Build()
    {
        PickleValue state = _stack.Pop();
        if (_stack.Peek().As<PickleDictionary>() is null || state.As<PickleDictionary>() is null)
        {
            throw bytes.Wrong($"it sets the state of {_stack.Peek().Kind} to {state.Kind}");
        }
    }
}
