using SkiaSharp;

namespace AdaptCluster.Cli.Tables;

/// <summary>
/// Reads an image: PNG, JPEG or BMP. Transparency, depths beyond 8 bits, colour profiles and orientation tags are passed over.
/// The size is known from the header before a pixel is decoded, so that a small file cannot ask for much memory.
/// </summary>
internal static class ImageFile
{
    /// <summary>The longest side.</summary>
    public const int MaxSide = 4096;

    private const long MaxBytes = 64 << 20;

    /// <summary>Red, green and blue of every pixel, plane by plane, and whether the planes are equal.</summary>
    /// <exception cref="InvalidDataException">It is no such image; the message says what it is, without a full stop.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (byte[] Planes, int Width, int Height, bool IsGrey) Read(string path)
    {
        if (new FileInfo(path).Length is var bytes && bytes is 0 or > MaxBytes)
        {
            throw new InvalidDataException($"the image has {bytes} bytes, not from 1 to {MaxBytes}");
        }

        using var data = SKData.CreateCopy(File.ReadAllBytes(path));
        using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException("this is no image that can be read, or is damaged");
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Bmp))
        {
            throw new InvalidDataException($"this is an image of the kind {codec.EncodedFormat}");
        }

        int width = codec.Info.Width;
        int height = codec.Info.Height;
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide)
        {
            throw new InvalidDataException($"the image has {width} x {height} pixels, and a side may have {MaxSide}");
        }

        byte[] pixels = Decode(codec, new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        return Planes(pixels, width, height);
    }

    private static byte[] Decode(SKCodec codec, SKImageInfo info)
    {
        using var bitmap = new SKBitmap(info);
        return codec.GetPixels(info, bitmap.GetPixels()) == SKCodecResult.Success
            ? bitmap.GetPixelSpan().ToArray()
            : throw new InvalidDataException("the image is damaged or cut off");
    }

    private static (byte[] Planes, int Width, int Height, bool IsGrey) Planes(byte[] pixels, int width, int height)
    {
        int size = width * height;
        byte[] planes = new byte[ImageColumn.AllChannels * size];
        bool grey = true;
        for (int i = 0; i < size; i++)
        {
            byte red = pixels[4 * i], green = pixels[(4 * i) + 1], blue = pixels[(4 * i) + 2];
            planes[i] = red;
            planes[size + i] = green;
            planes[(2 * size) + i] = blue;
            grey &= red == green && green == blue;
        }

        return (planes, width, height, grey);
    }
}
