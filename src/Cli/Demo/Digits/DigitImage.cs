namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>A handwritten digit of 8 x 8 pixels, 0 for paper to 1 for ink, row by row.</summary>
/// <param name="Digit">Which digit, 0 to 9.</param>
/// <param name="Pixels">The 64 pixels.</param>
internal sealed record DigitImage(int Digit, double[] Pixels)
{
    /// <summary>Pixels a side.</summary>
    public const int Side = 8;

    /// <summary>The image turned around its centre, by bilinear interpolation; what comes from outside is paper.</summary>
    /// <param name="degrees">The angle; positive turns clockwise on the screen.</param>
    public double[] Rotate(double degrees)
    {
        (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
        const double Centre = (Side - 1) / 2.0;
        double[] turned = new double[Side * Side];
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double dx = x - Centre;
                double dy = y - Centre;
                turned[(y * Side) + x] = Interpolate((cosine * dx) + (sine * dy) + Centre, (cosine * dy) - (sine * dx) + Centre);
            }
        }

        return turned;
    }

    /// <summary>Paper for ink and ink for paper.</summary>
    public static double[] Invert(double[] pixels) => Array.ConvertAll(pixels, pixel => 1 - pixel);

    private double Interpolate(double x, double y)
    {
        int left = (int)Math.Floor(x);
        int top = (int)Math.Floor(y);
        double right = x - left;
        double bottom = y - top;
        return ((1 - bottom) * (((1 - right) * At(left, top)) + (right * At(left + 1, top))))
            + (bottom * (((1 - right) * At(left, top + 1)) + (right * At(left + 1, top + 1))));
    }

    private double At(int x, int y) => x is < 0 or >= Side || y is < 0 or >= Side ? 0 : Pixels[(y * Side) + x];
}
