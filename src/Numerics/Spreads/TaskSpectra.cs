namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// What learning a fleet's spreads needs of one task under the fleet's prior: its residuals in the eigenbasis of its covariance, in units of the noise, and the
/// same for a seeded half of its rows. 48 N bytes; the prior is no longer needed.
/// </summary>
public sealed class TaskSpectra
{
    internal TaskSpectra(Spectrum whole, Spectrum? half, double weight = 1)
    {
        Whole = whole;
        Half = half;
        Weight = weight;
    }

    /// <summary>All rows.</summary>
    internal Spectrum Whole { get; }

    /// <summary>Half of them; null where there is only one.</summary>
    internal Spectrum? Half { get; }

    /// <summary>How much the task counts.</summary>
    internal double Weight { get; }

    /// <summary>The same with another weight.</summary>
    internal TaskSpectra Weighted(double weight) => new(Whole, Half, weight);

    /// <summary>All numbers, one after the other: for whom another process learns from them.</summary>
    public double[] ToNumbers() => Half is null ? Numbers(Whole) : [.. Numbers(Whole), .. Numbers(Half)];

    /// <summary>From the numbers of <see cref="ToNumbers"/>.</summary>
    /// <exception cref="ArgumentException">They are not of one.</exception>
    public static TaskSpectra FromNumbers(ReadOnlySpan<double> numbers)
    {
        Spectrum whole = Read(ref numbers);
        Spectrum? half = numbers.IsEmpty ? null : Read(ref numbers);
        return numbers.IsEmpty ? new TaskSpectra(whole, half) : throw new ArgumentException("There are numbers after the last spectrum.", nameof(numbers));
    }

    private static double[] Numbers(Spectrum spectrum) => [spectrum.Values.Length, spectrum.Offset, .. spectrum.Values, .. spectrum.Squares, .. spectrum.Counts];

    private static Spectrum Read(ref ReadOnlySpan<double> numbers)
    {
        int length = numbers.Length >= 2 && numbers[0] >= 0 && numbers[0] <= numbers.Length ? (int)numbers[0] : -1;
        if (length < 0 || numbers.Length < 2 + (3 * length) || numbers[..(2 + (3 * length))].ContainsAnyExceptInRange(double.MinValue, double.MaxValue))
        {
            throw new ArgumentException("The numbers are not those of a spectrum.", nameof(numbers));
        }

        var spectrum = new Spectrum(numbers.Slice(2, length).ToArray(), numbers.Slice(2 + length, length).ToArray(), numbers.Slice(2 + (2 * length), length).ToArray())
        {
            Offset = numbers[1],
        };
        numbers = numbers[(2 + (3 * length))..];
        return spectrum;
    }
}
