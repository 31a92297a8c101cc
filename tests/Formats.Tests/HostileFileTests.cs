using AdaptCluster.Formats.PyTorch;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Formats.Tests.Support;
using AdaptCluster.Formats.Zip;
using CsCheck;

namespace AdaptCluster.Formats.Tests;

/// <summary>Every content gives a result or a <see cref="ModelFileException"/>, and takes no more memory than twice its size and 1 MB.</summary>
public sealed class HostileFileTests
{
    private const string Name = "model.pt";

    public static TheoryData<string> Files => new([.. Fixtures.Names, "model.safetensors"]);

    public static TheoryData<string> Pickles => new(Fixtures.Names.Where(name => name is not ("legacy.pt" or "script.pt")));

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_EveryTruncation_Refused(string name)
    {
        byte[] file = FileOf(name);
        ReadAll(file);
        for (int length = 0; length < file.Length; length++)
        {
            Hostile.Refused(file[..length], StateDict);
            Hostile.Refused(file[..length], Script);
            Hostile.Refused(file[..length], Safetensors);
            Hostile.Read(file[..length], Kind);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_RandomDamage_AResultOrTheOneError(string name)
    {
        byte[] file = FileOf(name);
        ReadAll(file);
        Mutations.Some.Sample(mutations => ReadAll(Mutations.Apply(file, mutations)), iter: 10_000);
    }

    /// <summary>Damage that checksums do not find: it was done before they were computed.</summary>
    [Theory]
    [MemberData(nameof(Pickles))]
    public void Read_DamagedPickleWithItsChecksum_AResultOrTheOneError(string name)
    {
        byte[] file = Fixtures.Read(name);
        var directory = ZipDirectory.Read(new ModelSource(file, name));
        ZipEntrySpec[] entries = [.. directory.Entries.Select(entry => new ZipEntrySpec(entry.Key, file.AsSpan(entry.Value.Start, entry.Value.Length).ToArray()))];
        int pickle = Array.FindIndex(entries, entry => entry.Name.EndsWith("/data.pkl", StringComparison.Ordinal));
        ReadAll(file);
        Mutations.Some.Sample(
            mutations =>
            {
                ZipEntrySpec[] damaged = [.. entries];
                damaged[pickle] = entries[pickle] with { Content = Mutations.Apply(entries[pickle].Content, mutations) };
                Hostile.Read(ZipWriter.Write(damaged), StateDict);
            },
            iter: 10_000);
    }

    [Fact]
    public void Read_RandomBytesBehindKnownStarts_AResultOrTheOneError()
    {
        byte[][] starts = [[], [0x50, 0x4b, 3, 4], [0x80, 2], [0x80, 2, 0x8a, 0x0a], [8, 7], [16, 0, 0, 0, 0, 0, 0, 0, (byte)'{']];
        Gen.Select(Gen.Int[0, starts.Length - 1].Select(i => starts[i]), Gen.Byte.Array[0, 200]).Sample((start, rest) => ReadAll([.. start, .. rest]), iter: 10_000);
    }

    private static byte[] FileOf(string name) => name.EndsWith(".pt", StringComparison.Ordinal) ? Fixtures.Read(name) : new SafetensorsFile(
        [
            new NamedTensor("layers.0.weight", ElementType.Float32, [2, 3], new byte[24]),
            new NamedTensor("half", ElementType.BFloat16, [], new byte[2]),
            new NamedTensor("flags", ElementType.Bool, [3], new byte[3]),
        ],
        new Dictionary<string, string> { ["format"] = "x" }).ToBytes();

    private static void ReadAll(byte[] file)
    {
        Hostile.Read(file, StateDict);
        Hostile.Read(file, Script);
        Hostile.Read(file, Safetensors);
        Hostile.Read(file, Kind);
    }

    private static void StateDict(ReadOnlyMemory<byte> file) => Assert.NotEmpty(StateDictFile.Parse(file, Name));

    private static void Script(ReadOnlyMemory<byte> file) => ScriptArchive.Check(file, Name);

    private static void Safetensors(ReadOnlyMemory<byte> file) => SafetensorsFile.Parse(file, Name);

    private static void Kind(ReadOnlyMemory<byte> file) => ModelFileKinds.Detect(file, Name);
}
