namespace AdaptCluster.Import.Onnx.Values;

/// <summary>A number of shape arithmetic: a value, or that many times the number of rows N. Whole numbers are exact up to 2^53.</summary>
/// <param name="Value">The value, or the factor of N.</param>
/// <param name="TimesRows">Whether N is a factor.</param>
internal readonly record struct Number(double Value, bool TimesRows = false)
{
    /// <inheritdoc/>
    public override string ToString() => TimesRows ? $"{Value}*N" : $"{Value}";
}
