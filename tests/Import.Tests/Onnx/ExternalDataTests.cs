using System.Runtime.InteropServices;
using AdaptCluster.Formats;
using AdaptCluster.Import.Onnx;
using AdaptCluster.Import.Tests.Support;
using Google.Protobuf;
using OnnxSchema;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>Tensors in other files: of the folder, and nowhere else.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnx").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Import_DataInTheFolder_AreRead()
    {
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), [9, 9, 9, 9, .. MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6])]);

        ImportedNetwork network = OnnxImporter.Import(Model(("location", "weights.bin"), ("offset", "4"), ("length", "24")), "m.onnx", ExternalData.InFolder(_folder, "m.onnx"));

        Assert.Equal([1, 4, 2, 5, 3, 6], network.Weights.Values); // [out, in]
    }

    [Fact]
    public void Import_NoResolver_RefusesOtherFiles() =>
        Assert.Contains("another file", Measured.Refusal(Model(("location", "weights.bin"))).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("a/../../weights.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("C:\\weights.bin")]
    [InlineData("c:weights.bin")]
    [InlineData("..\\weights.bin")]
    [InlineData("./weights.bin")]
    [InlineData("a//b")]
    [InlineData("weights.bin.")]
    [InlineData(" weights.bin")]
    [InlineData("weights\n.bin")]
    [InlineData("")]
    public void Import_LocationOutsideTheFolder_IsRefused(string location)
    {
        bool wasAsked = false;

        ModelFileException error = Measured.Refusal(Model(("location", location)), _ =>
        {
            wasAsked = true;
            return ReadOnlyMemory<byte>.Empty;
        });

        Assert.Contains("not in the folder", error.Problem, StringComparison.Ordinal);
        Assert.False(wasAsked);
        Assert.Throws<ModelFileException>(() => ExternalData.InFolder(_folder, "m.onnx")(location));
    }

    [Fact]
    public void InFolder_Link_IsRefused()
    {
        string secret = Directory.CreateTempSubdirectory("elsewhere").FullName;
        File.WriteAllBytes(Path.Combine(secret, "data"), new byte[24]);
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), Path.Combine(secret, "data"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "folder"), secret);
        Func<string, ReadOnlyMemory<byte>> resolve = ExternalData.InFolder(_folder, "m.onnx");

        Assert.Contains("a link", Assert.Throws<ModelFileException>(() => resolve("link")).Problem, StringComparison.Ordinal);
        Assert.Contains("a link", Assert.Throws<ModelFileException>(() => resolve("folder/data")).Problem, StringComparison.Ordinal);
        Directory.Delete(secret, recursive: true);
    }

    [Fact]
    public void InFolder_LargeOrMissingFile_IsRefused()
    {
        File.WriteAllBytes(Path.Combine(_folder, "large"), new byte[25]);

        Assert.Contains("more than 24", Assert.Throws<ModelFileException>(() => ExternalData.InFolder(_folder, "m.onnx", largest: 24)("large")).Problem, StringComparison.Ordinal);
        Assert.Contains("not there", Assert.Throws<ModelFileException>(() => ExternalData.InFolder(_folder, "m.onnx")("missing")).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "99999999999999999999")]
    [InlineData("offset", "25")]
    [InlineData("length", "25")]
    [InlineData("length", "9223372036854775807")]
    [InlineData("length", "20")]
    [InlineData("offset", "x")]
    public void Import_PartThatIsNotThere_IsRefused(string key, string value) =>
        Assert.NotNull(Measured.Refusal(Model(("location", "w"), (key, value)), _ => new byte[24]).Where);

    private static byte[] Model(params (string Key, string Value)[] entries)
    {
        var model = new TestModel();
        model.Finish(model.Node("MatMul", [model.Input("x", [2]), model.Parameter("w", 2, 3)]));
        TensorProto tensor = model.Graph.Initializer[0];
        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.AddRange(entries.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
        return model.ToBytes();
    }
}
