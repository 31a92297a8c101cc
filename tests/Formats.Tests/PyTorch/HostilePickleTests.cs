using System.Text;
using AdaptCluster.Formats.PyTorch;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Formats.Tests.Support;

namespace AdaptCluster.Formats.Tests.PyTorch;

/// <summary>Pickles that no torch.save wrote, in archives that are whole.</summary>
public sealed class HostilePickleTests
{
    private static readonly byte[] SixNumbers = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];

    [Fact]
    public void Parse_PickleOfTheseTests_ReadWhereNothingIsWrong()
    {
        NamedTensor tensor = Assert.Single(StateDictFile.Parse(Archive(Entry("w", 6, 1, [2, 2], [2, 1])), "m"));

        Assert.Equal([1, 2, 3, 4], tensor.ToSingles());
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "getattr")]
    [InlineData("__builtin__", "exec")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("torch", "QInt8Storage")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("collections", "OrderedDict.fromkeys")]
    [InlineData("torch._utils._rebuild_tensor_v2", "__globals__")]
    public void Parse_ForeignGlobal_RefusedByItsName(string module, string name)
    {
        ModelFileException error = Refused(new Pickle().Global(module, name).Text("id").Raw(0x85).Do("R").End());

        Assert.Contains($"'{module}.{name}'", error.Problem, StringComparison.Ordinal);
        Assert.Contains("data.pkl", error.Where, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Tricks => new()
    {
        { "a call of a text", new Pickle().Text("os").Do(")R").End() },
        { "a call of a dictionary", new Pickle().Do("})R").End() },
        { "a call of a storage's type", new Pickle().Global("torch", "FloatStorage").Do(")R").End() },
        { "a call with a list", new Pickle().Global("collections", "OrderedDict").Do("]R").End() },
        { "a dictionary with arguments", new Pickle().Global("collections", "OrderedDict").Do("]").Raw(0x85).Do("R").End() },
        { "a parameter of no tensor", new Pickle().Global("torch._utils", "_rebuild_parameter").Text("x").Raw(0x85).Do("R").End() },
        { "a tensor of nothing", new Pickle().Global("torch._utils", "_rebuild_tensor_v2").Do(")R").End() },
        { "a tensor of texts", new Pickle().Global("torch._utils", "_rebuild_tensor_v2").Do("(").Text("a").Text("b").Text("c").Text("d").Text("e").Text("f").Do("tR").End() },
        { "state of a text", new Pickle().Text("x").Do("}b").End() },
        { "state of a name", new Pickle().Global("collections", "OrderedDict").Do("}b").End() },
        { "state that is no dictionary", new Pickle().Do("}").Text("x").Do("b").End() },
        { "INST", new Pickle().Do("(ios\nsystem\n").End() },
        { "OBJ", new Pickle().Do("(").Global("collections", "OrderedDict").Do("o").End() },
        { "NEWOBJ", new Pickle().Global("collections", "OrderedDict").Do(")").Raw(0x81).End() },
        { "NEWOBJ_EX", new Pickle().Global("collections", "OrderedDict").Do(")}").Raw(0x92).End() },
        { "STACK_GLOBAL", new Pickle().Text("os").Text("system").Raw(0x93).End() },
        { "EXT1", new Pickle().Raw(0x82, 1).End() },
        { "PERSID", new Pickle().Do("Pstorage\n").End() },
        { "LONG4 of 2 GB", new Pickle().Raw(0x8b).Int32(int.MaxValue).End() },
        { "LONG4 of negative length", new Pickle().Raw(0x8b).Int32(-1).End() },
        { "BINBYTES8 of 2^63 bytes", new Pickle().Raw(0x8e).Raw(BitConverter.GetBytes(long.MaxValue)).End() },
        { "BINUNICODE of 2 GB", new Pickle().Do("X").Int32(int.MaxValue).End() },
        { "BINUNICODE of negative length", new Pickle().Do("X").Int32(-1).End() },
        { "BINUNICODE that is not UTF-8", new Pickle().Do("X").Int32(2).Raw(0xc0, 0x80).End() },
        { "LONG1 beyond the end", new Pickle().Raw(0x8a, 255).End() },
        { "FRAME", new Pickle().Raw(0x95).Raw(BitConverter.GetBytes(long.MaxValue)).End() },
        { "a persistent id that is a text", new Pickle().Text("0").Do("Q").End() },
        { "a persistent id of another kind", new Pickle().Do("(").Text("module").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(1).Do("tQ").End() },
        { "a persistent id of no storage", new Pickle().Do("(").Text("storage").Global("collections", "OrderedDict").Text("0").Text("cpu").Integer(1).Do("tQ").End() },
        { "a persistent id without a count", new Pickle().Do("(").Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Do("NtQ").End() },
        { "a memo number far ahead", new Pickle().Do("}r").Int32(int.MaxValue).End() },
        { "a negative memo number", new Pickle().Do("}r").Int32(-1).End() },
        { "a memo number never given", new Pickle().Do("}h").Raw(7).End() },
        { "a negative memo number recalled", new Pickle().Do("}j").Int32(-1).End() },
        { "nothing to remember", new Pickle().Do("q").Raw(0).End() },
        { "nothing at all", new Pickle().End() },
        { "two values", new Pickle().Do("}}").End() },
        { "an open mark", new Pickle().Do("(}").End() },
        { "a close without a mark", new Pickle().Do("t").End() },
        { "items of nothing", new Pickle().Do("(u").End() },
        { "items of a list", new Pickle().Do("](NNu").End() },
        { "half a pair", new Pickle().Do("}(Nu").End() },
        { "a pair without a dictionary", new Pickle().Do("NNNs").End() },
        { "values before a mark", new Pickle().Do("NN(").Raw(0x86).End() },
        { "appending to a dictionary", new Pickle().Do("}Na").End() },
        { "appending many to nothing", new Pickle().Do("(Ne").End() },
        { "a second PROTO", new Pickle().Raw(0x80, 2).End() },
        { "something after the end", [.. new Pickle().Do("}").End(), 0] },
        { "no end", new Pickle().Do("}").End()[..^1] },
        { "protocol 4", [0x80, 4, .. new Pickle().Do("}").End()[2..]] },
        { "no protocol", new Pickle().Do("}").End()[2..] },
        { "a list", new Pickle().Do("]").End() },
        { "a tensor alone", new Pickle().Tensor(6, 0, [6], [1]).End() },
        { "a name without end", new Pickle().Do("c" + new string('a', 10_000)).End() },
        { "an empty name", new Pickle().Do("c\n\n").End() },
        { "a name that is not ASCII", new Pickle().Do("cos\u00e9\nsystem\n").End() },
        { "a tensor named by a tuple", new Pickle().Do("})").Tensor(6, 0, [6], [1]).Do("s").End() },
        { "one name twice", new Pickle().Do("}(").Text("w").Tensor(6, 0, [6], [1]).Text("w").Tensor(6, 0, [6], [1]).Do("u").End() },
        { "one path twice", new Pickle().Do("}(").Text("a.w").Tensor(6, 0, [6], [1]).Text("a").Do("}").Text("w").Tensor(6, 0, [6], [1]).Do("su").End() },
    };

    [Theory]
    [MemberData(nameof(Tricks))]
    public void Parse_Trick_Refused(string trick, byte[] pickle) => Assert.NotEmpty(trick + Refused(pickle).Message);

    public static TheoryData<string, byte[]> Tensors => new()
    {
        { "a storage that is not there", new Pickle().Do("}").Text("w").Global("torch._utils", "_rebuild_tensor_v2").Do("(").Storage("FloatStorage", "../0", 6).Integer(0).Integers(6).Integers(1).Raw(0x89).Dictionary().Do("tRs").End() },
        { "a storage of more numbers", Entry("w", 7, 0, [6], [1]) },
        { "a storage of fewer numbers", Entry("w", 5, 0, [5], [1]) },
        { "a storage of so many numbers that bytes overflow", Entry("w", (1L << 62) + 6, 0, [6], [1]) },
        { "a storage of a negative number", Entry("w", -6, 0, [6], [1]) },
        { "a storage of another type", Entry("w", 6, 0, [6], [1], "DoubleStorage") },
        { "an offset beyond the end", Entry("w", 6, 1, [6], [1]) },
        { "a negative offset", Entry("w", 6, -1, [6], [1]) },
        { "an offset that overflows", Entry("w", 6, long.MaxValue, [6], [1]) },
        { "a negative length", Entry("w", 6, 0, [-1], [1]) },
        { "a negative length beside zero", Entry("w", 6, 0, [0, -1], [1, 1]) },
        { "a length that is no int", Entry("w", 6, 0, [1L << 32], [0]) },
        { "lengths whose product overflows", Entry("w", 6, 0, [1 << 16, 1 << 16, 1 << 16, 1 << 16], [0, 0, 0, 0]) },
        { "a negative stride", Entry("w", 6, 5, [6], [-1]) },
        { "a stride that overflows", Entry("w", 6, 0, [3], [long.MaxValue]) },
        { "strides that wrap around", Entry("w", 6, 0, [3, 3], [long.MaxValue, long.MaxValue]) },
        { "a stride beyond the end", Entry("w", 6, 0, [2, 3], [4, 1]) },
        { "fewer strides than lengths", Entry("w", 6, 0, [2, 3], [1]) },
        { "nine dimensions", Entry("w", 6, 0, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1]) },
        { "more bytes than an array", Entry("w", 6, 0, [1 << 30], [0]) },
        { "one number repeated beyond any file", Entry("w", 6, 0, [100_000_000], [0]) },
        { "a storage without a type", Entry("w", 24, 0, [6], [1], "UntypedStorage", "torch.storage") },
        { "a negated tensor", new Pickle().Do("}").Text("w").Global("torch._utils", "_rebuild_tensor_v2").Do("(").Storage("FloatStorage", "0", 6).Integer(0).Integers(6).Integers(1).Raw(0x89).Dictionary().Do("}").Text("neg").Raw(0x88).Do("stRs").End() },
    };

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Parse_TensorThatDoesNotFitItsStorage_RefusedByItsName(string what, byte[] pickle)
    {
        ModelFileException error = Refused(pickle);

        Assert.True(error.Where == "tensor 'w'" || error.Problem.Contains("in memory", StringComparison.Ordinal), what + ": " + error.Message);
    }

    [Fact]
    public void Parse_SharedByManyTransposes_RefusedBeforeItIsCopied()
    {
        byte[] numbers = new byte[4 << 20];
        Pickle pickle = new Pickle().Do("}(");
        for (int i = 0; i < 1000; i++)
        {
            pickle.Text($"w{i}").Tensor(1 << 20, 0, [1 << 10, 1 << 10], [1, 1 << 10]);
        }

        byte[] file = ZipWriter.StateDict(pickle.Do("u").End(), ("0", numbers));

        Assert.Contains("contiguous", Hostile.Refused(file, Parse, MemoryBudget.Constant + (1 << 20)).Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", "nested")]
    [InlineData("]", "values at a time")]
    [InlineData("}", "values at a time")]
    [InlineData(")", "values at a time")]
    [InlineData("}(]", "nested")]
    public void Parse_DeepNesting_Refused(string opcodes, string problem) => Assert.Contains(
        problem, Refused(new Pickle().Do(string.Concat(Enumerable.Repeat(opcodes, 100_000))).End(), MemoryBudget.Constant).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("}r")]
    [InlineData("](NNNNNNNNer")]
    public void Parse_MemoBomb_BoundedMemory(string make)
    {
        Pickle pickle = new Pickle().Do("]");
        for (int i = 0; i < 200_000; i++)
        {
            pickle.Do(make).Int32(i).Do("a");
        }

        Hostile.Refused(ZipWriter.StateDict(pickle.End()), Parse, MemoryBudget.Constant + (1 << 20));
    }

    [Fact]
    public void Parse_DictionariesInDictionariesTwiceEach_BoundedWorkAndMemory()
    {
        // 2^30 paths in 31 dictionaries, made inside a list that is ignored.
        Pickle pickle = new Pickle().Do("}").Text("made").Do("](}q").Raw(0).Text("w").Tensor(6, 0, [6], [1]).Do("s");
        for (int depth = 1; depth <= 30; depth++)
        {
            pickle.Do("}q").Raw((byte)depth).Do("(").Text("a").Do("h").Raw((byte)(depth - 1)).Text("b").Do("h").Raw((byte)(depth - 1)).Do("u");
        }

        pickle.Do("es").Text("top").Do("h").Raw(30).Do("s");

        Hostile.Refused(Archive(pickle.End()), Parse, MemoryBudget.Constant + (1 << 20));
    }

    [Fact]
    public void Parse_DictionaryInItself_Refused() =>
        Assert.Contains("nested", Refused(new Pickle().Do("}q").Raw(0).Text("a").Do("h").Raw(0).Do("s").End()).Problem, StringComparison.Ordinal);

    [Fact]
    public void Parse_NamesWithControlCharacters_OneCleanLine()
    {
        ModelFileException error = Refused(Entry("a\r\nb\u001b[31m" + new string('x', 1000), 7, 0, [6], [1]));

        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.True(error.Message.Length < 300);
    }

    [Theory]
    [InlineData("little", true)]
    [InlineData("big", false)]
    [InlineData("", false)]
    public void Parse_ByteOrder_OnlyLittleEndian(string order, bool isRead)
    {
        byte[] file = ZipWriter.Write64(
            new("m/data.pkl", Entry("w", 6, 0, [6], [1])),
            new(".format_version", "1"u8.ToArray()),
            new("m/byteorder", Encoding.ASCII.GetBytes(order)),
            new("m/data/0", SixNumbers),
            new("m/version", "3\n"u8.ToArray()),
            new("m/.data/serialization_id", "123"u8.ToArray()));

        Assert.Equal(isRead, Hostile.Read(file, Parse) is null);
    }

    private static byte[] Entry(
        string name, long count, long offset, long[] shape, long[] strides, string type = "FloatStorage", string module = "torch") => new Pickle()
            .Do("}").Text(name).Global("torch._utils", "_rebuild_tensor_v2").Do("((").Text("storage").Global(module, type).Text("0").Text("cpu")
            .Integer(count).Do("tQ").Integer(offset).Integers(shape).Integers(strides).Raw(0x89).Dictionary().Do("tRs").End();

    private static byte[] Archive(byte[] pickle) => ZipWriter.StateDict(pickle, ("0", SixNumbers));

    private static ModelFileException Refused(byte[] pickle, long constant = 1 << 20) => Hostile.Refused(Archive(pickle), Parse, constant);

    private static void Parse(ReadOnlyMemory<byte> file) => StateDictFile.Parse(file, "m");
}
