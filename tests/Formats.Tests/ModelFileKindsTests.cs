using System.Text;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Formats.Tests.Support;

namespace AdaptCluster.Formats.Tests;

public sealed class ModelFileKindsTests
{
    [Theory]
    [InlineData("plain.pt", ModelFileKind.PyTorchStateDict)]
    [InlineData("checkpoint.pt", ModelFileKind.PyTorchStateDict)]
    [InlineData("module.pt", ModelFileKind.PyTorchStateDict)]
    [InlineData("script.pt", ModelFileKind.TorchScript)]
    public void Detect_FileOfTorch_ItsKind(string name, ModelFileKind kind) => Assert.Equal(kind, ModelFileKinds.Detect(Fixtures.Read(name), name));

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(1000)]
    public void Detect_Safetensors_AtEveryHeaderLength(int nameLength)
    {
        // Among them lengths whose first byte is ONNX's.
        for (int i = 0; i < 300; i++)
        {
            var tensor = new NamedTensor(new string('x', nameLength + i), ElementType.Float32, [1], new byte[4]);

            Assert.Equal(ModelFileKind.Safetensors, ModelFileKinds.Detect(new SafetensorsFile([tensor]).ToBytes(), "m"));
        }
    }

    [Fact]
    public void Detect_Onnx_ByItsFirstField() =>
        Assert.Equal(ModelFileKind.Onnx, ModelFileKinds.Detect(new byte[] { 0x08, 0x07, 0x12, 0x07, (byte)'p', (byte)'y', (byte)'t', (byte)'o', (byte)'{' }, "m.onnx"));

    public static TheoryData<string, byte[]> Others => new()
    {
        { "ONNX", [] },
        { "ONNX", Encoding.ASCII.GetBytes("hello") },
        { "ONNX", [0x89, .. Encoding.ASCII.GetBytes("HDF\r\n\u001a\n")] },
        { "ONNX", [0x1f, 0x8b, 8, 0] },
        { "ONNX", ZipWriter.Write(new ZipEntrySpec("word/document.xml", [])) },
        { "ONNX", ZipWriter.Write(new ZipEntrySpec("data.pkl", [])) },
        { "copy", Fixtures.Read("plain.pt")[..^1] },
        { "PyTorch 1.6", Fixtures.Read("legacy.pt") },
        { "state_dict", [0x80, 4, 0x4e, 0x2e] },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Detect_OtherFiles_SaysWhatIsAccepted(string remedy, byte[] file)
    {
        ModelFileException error = Hostile.Refused(file, bytes => ModelFileKinds.Detect(bytes, "m.bin"));

        Assert.Equal("m.bin", error.File);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }
}
