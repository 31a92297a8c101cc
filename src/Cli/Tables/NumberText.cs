using System.Globalization;
using System.Text;

namespace AdaptCluster.Cli.Tables;

/// <summary>How a cell's text is read where a number is wanted.</summary>
internal static class NumberText
{
    /// <summary>
    /// Reads a number in invariant form: sign, digits, decimal point, exponent; no thousands separators. Spellings of
    /// NaN and infinity, and numbers too large for a double, succeed with a value that is not finite.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        ReadOnlySpan<byte> digits = Trim(text);
        digits = digits.Length > 0 && digits[0] is (byte)'+' or (byte)'-' ? digits[1..] : digits;
        value = double.PositiveInfinity;
        return Ascii.EqualsIgnoreCase(digits, "inf"u8);
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out double)"/>
    public static bool TryParse(string text, out double value) => TryParse(Encoding.UTF8.GetBytes(text), out value);

    /// <summary>Whether the cell says that there is no number: empty, NA, N/A or null, in any case.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> word = Trim(text);
        return word.IsEmpty
            || Ascii.EqualsIgnoreCase(word, "NA"u8)
            || Ascii.EqualsIgnoreCase(word, "N/A"u8)
            || Ascii.EqualsIgnoreCase(word, "null"u8);
    }

    /// <inheritdoc cref="IsMissing(ReadOnlySpan{byte})"/>
    public static bool IsMissing(string text) => IsMissing(Encoding.UTF8.GetBytes(text));

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text[Ascii.Trim(text)];
}
