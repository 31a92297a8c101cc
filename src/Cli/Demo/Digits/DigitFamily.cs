namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>What is done to a digit before its angle is asked for.</summary>
internal enum DigitFamily
{
    /// <summary>It is turned.</summary>
    Rotated,

    /// <summary>It is turned, and paper and ink change places: the source network has never seen that.</summary>
    Inverted,
}
