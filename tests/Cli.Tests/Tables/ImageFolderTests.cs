using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Sources;
using SkiaSharp;

namespace AdaptCluster.Cli.Tests.Tables;

public sealed class ImageFolderTests : IDisposable
{
    private static readonly SKColor[] Colours = [new(10, 20, 30), new(40, 50, 60), new(70, 80, 90), new(100, 110, 120), new(130, 140, 150), new(160, 170, 180)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_ColourImages_AreChannelsRowsAndColumnsFromZeroToOne()
    {
        Save("a.png", 3, 2, Colours);
        Save("b.png", 3, 2, [.. Colours.Reverse()]);
        Table table = await ReadAsync("file,shop,age\na.png,s,1\nb.png,t,2\n");

        InputSchema schema = FeatureSchema.Infer(table, ["age", "file"]);
        EncodedFeatures rows = FeatureEncoder.Encode(schema, table.Take([1, 0]));

        Assert.Equal(19, rows.Width);
        Assert.Equal([1, .. Colours.Select(c => c.Red / 255.0), .. Colours.Select(c => c.Green / 255.0), .. Colours.Select(c => c.Blue / 255.0)], rows.Values[19..]);
        Assert.Equal(["s", "t"], table.TaskIds("shop"));
        Assert.Equal("line 3", table.Place(1));
    }

    [Fact]
    public async Task Read_GreyImages_HaveOneChannelOrThreeWhereTheSourceReadsThree()
    {
        SKColor[] grey = [.. Enumerable.Range(0, 6).Select(i => new SKColor((byte)i, (byte)i, (byte)i))];
        Save("a.png", 3, 2, grey);
        Table table = await ReadAsync("file\na.png\n");

        Assert.Equal(6, FeatureSchema.Infer(table, ["file"]).Width);
        var colour = new InputSchema([new InputColumn("file", []) { Length = 18 }]);
        Assert.Equal([.. Enumerable.Range(0, 18).Select(i => i % 6 / 255.0)], FeatureEncoder.Encode(colour, table).Values);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    public async Task Read_EveryFormat_IsThatImage(SKEncodedImageFormat format)
    {
        Save("a.img", 16, 16, [.. Enumerable.Repeat(new SKColor(200, 100, 50), 256)], format);

        Table table = await ReadAsync("file\na.img\n");

        double[] values = FeatureEncoder.Encode(FeatureSchema.Infer(table, ["file"]), table).Values;
        Assert.All(values[..256], red => Assert.Equal(200 / 255.0, red, 0.02));
        Assert.All(values[512..], blue => Assert.Equal(50 / 255.0, blue, 0.02));
    }

    [Fact]
    public async Task Read_Bitmap_IsThatImage()
    {
        byte[] header = [0x42, 0x4d, 62, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0, .. new byte[24]];
        File.WriteAllBytes(_folder.File("a.bmp"), [.. header, 1, 2, 3, 0, 4, 5, 6, 0]);

        Table table = await ReadAsync("file\na.bmp\n");

        Assert.Equal([6 / 255.0, 3 / 255.0, 5 / 255.0, 2 / 255.0, 4 / 255.0, 1 / 255.0], FeatureEncoder.Encode(FeatureSchema.Infer(table, ["file"]), table).Values);
    }

    [Theory]
    [InlineData("../a.png")]
    [InlineData("/etc/passwd")]
    [InlineData("x/../../a.png")]
    [InlineData(".")]
    public async Task Read_PathThatLeavesTheFolder_IsRefused(string path)
    {
        Assert.Equal(
            $"{Index}, line 2, column 'file': '{path}' is not within the folder; give paths relative to the folder that do not leave it.",
            await FailsAsync($"file\n{path}\n"));
    }

    [Fact]
    public async Task Read_LinkThatLeavesTheFolder_IsRefused()
    {
        using var outside = new TemporaryFolder();
        File.WriteAllText(outside.File("secret"), "x");
        File.CreateSymbolicLink(_folder.File("a.png"), outside.File("secret"));

        Assert.Equal(
            $"{Index}, line 2, column 'file': 'a.png' is a link that leaves the folder; put the image into the folder.", await FailsAsync("file\na.png\n"));
    }

    [Fact]
    public async Task Read_BadImage_IsRefusedWithItsLine()
    {
        Save("good.png", 3, 2, Colours);
        Save("other.png", 2, 3, Colours);
        _folder.Write("text.png", "no image");
        byte[] good = File.ReadAllBytes(_folder.File("good.png"));
        Save("large.png", 64, 64, [.. Enumerable.Range(0, 64 * 64).Select(i => new SKColor((byte)(i * i), (byte)(7 * i), (byte)(i * 31)))]);
        byte[] large = File.ReadAllBytes(_folder.File("large.png"));
        File.WriteAllBytes(_folder.File("cut.png"), large[..(large.Length / 2)]);
        File.WriteAllBytes(_folder.File("huge.png"), Huge(good, 100_000));
        const string remedy = "give PNG, JPEG or BMP images, all of one size.";

        Assert.Equal($"{Index}, line 3, column 'file': there is no file 'none.png'; check the path.", await FailsAsync("file\ngood.png\nnone.png\n"));
        Assert.Equal($"{Index}, line 2, column 'file': this is no image that can be read, or is damaged; {remedy}", await FailsAsync("file\ntext.png\n"));
        Assert.Equal(
            $"{Index}, line 3, column 'file': the image has 2 x 3 pixels where those before have 3 x 2; {remedy}", await FailsAsync("file\ngood.png\nother.png\n"));
        Assert.Equal($"{Index}, line 2, column 'file': the image is damaged or cut off; {remedy}", await FailsAsync("file\ncut.png\n"));
        Assert.Equal(
            $"{Index}, line 2, column 'file': the image has 100000 x 2 pixels, and a side may have 4096; {remedy}", await FailsAsync("file\nhuge.png\n"));
    }

    [Fact]
    public async Task Read_FolderWithoutIndex_SaysWhatToDo()
    {
        TableException error = await Assert.ThrowsAsync<TableException>(() => TableFile.ReadAsync(Folder, cancellationToken: Token));

        Assert.Equal($"{Folder}: this is a directory without index.csv; name a file, or a folder of images with its index.", error.Message);
    }

    private string Folder => Path.GetDirectoryName(_folder.File("x"))!;

    private string Index => Path.Combine(Folder, "index.csv");

    private async Task<string> FailsAsync(string index) => (await Assert.ThrowsAsync<TableException>(() => ReadAsync(index))).Message;

    private Task<Table> ReadAsync(string index)
    {
        _folder.Write("index.csv", index);
        return TableFile.ReadAsync(Folder, cancellationToken: Token);
    }

    private void Save(string name, int width, int height, SKColor[] colours, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Pixels = colours;
        using FileStream stream = File.Create(_folder.File(name));
        Assert.True(bitmap.Encode(stream, format, 100));
    }

    /// <summary>The same file with a header that says it is wider; PNG keeps a checksum of it.</summary>
    private static byte[] Huge(byte[] png, int width)
    {
        byte[] huge = [.. png];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(huge.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(29), System.IO.Hashing.Crc32.HashToUInt32(huge.AsSpan(12, 17)));
        return huge;
    }
}
