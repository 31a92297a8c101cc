namespace AdaptCluster.Cli.Tables;

/// <summary>
/// A column of images of one size as lists of numbers from 0 to 1: channel by channel, each row by row. One channel when all are
/// grey, else red, green and blue; a source that reads three gets them of grey images too.
/// </summary>
/// <param name="name">The column's name.</param>
/// <param name="pixels">Of each of the file's rows: red, green and blue of every pixel, plane by plane.</param>
/// <param name="channels">1 or 3: how many of the planes are read.</param>
/// <param name="isGrey">Whether the planes are equal in every image.</param>
/// <param name="rows">The file's row of each row here.</param>
internal sealed class ImageColumn(string name, byte[][] pixels, int channels, bool isGrey, int[] rows)
    : TensorColumn(name, pixels[0].Length / AllChannels * channels, rows.Length)
{
    /// <summary>Red, green, blue.</summary>
    public const int AllChannels = 3;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => false;

    /// <inheritdoc/>
    public override void CopyTo(int row, Span<double> destination)
    {
        byte[] image = pixels[rows[row]];
        for (int i = 0; i < Length; i++)
        {
            destination[i] = image[i] / 255.0;
        }
    }

    /// <inheritdoc/>
    public override TensorColumn? WithLength(int length) =>
        isGrey && length == pixels[0].Length ? new ImageColumn(Name, pixels, AllChannels, isGrey, rows) : base.WithLength(length);

    /// <inheritdoc/>
    public override ImageColumn Take(int[] taken) => new(Name, pixels, channels, isGrey, Array.ConvertAll(taken, row => rows[row]));
}
