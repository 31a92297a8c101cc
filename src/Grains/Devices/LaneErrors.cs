using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Errors;

namespace AdaptCluster.Grains.Devices;

/// <summary>What the mathematics throws, in the cluster's own errors.</summary>
internal static class LaneErrors
{
    /// <summary>The error that the caller gets; what is none of the mathematics' stays as it is.</summary>
    public static Exception Translate(Exception error) => error switch
    {
        InvalidIndexException index => new InvalidInputException("inputs", index.Message.TrimEnd('.'), "nothing was changed"),
        NumericsException => new AdaptationFailedException(error.Message),
        _ => error,
    };
}
