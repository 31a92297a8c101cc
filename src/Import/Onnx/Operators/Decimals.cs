using System.Globalization;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>The constants of ONNX's attributes are 32-bit; what was meant is the short decimal that was rounded to them.</summary>
internal static class Decimals
{
    /// <summary>The shortest decimal that is this number in 32 bits: 9.99999974e-6 was 1e-5.</summary>
    internal static double Of(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
