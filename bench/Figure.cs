namespace AdaptCluster.Bench;

/// <summary>One measured number.</summary>
/// <param name="Name">Its name, which stays the same between versions.</param>
/// <param name="Value">The number; null where nothing was measured, as a median of no samples, or nothing came of it in time.</param>
/// <param name="Unit">Its unit; "1" for a ratio.</param>
/// <param name="Floor">What the arithmetic or the hardware allows, in the same unit; null where none is known.</param>
/// <param name="Note">How it was measured and what bounds it.</param>
internal sealed record Figure(string Name, double? Value, string Unit, double? Floor, string Note)
{
    /// <inheritdoc cref="Figure(string, double?, string, double?, string)"/>
    public double? Value { get; } = Value is { } number && double.IsFinite(number) ? number : null;
}
