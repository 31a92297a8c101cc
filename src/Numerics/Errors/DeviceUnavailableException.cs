namespace AdaptCluster.Numerics.Errors;

/// <summary>A device that was asked for is not there.</summary>
public sealed class DeviceUnavailableException : NumericsException
{
    internal DeviceUnavailableException(string device, string problem, string remedy)
        : base($"Device '{device}': {problem}; {remedy}.")
    {
        Device = device;
        Problem = problem;
        Remedy = remedy;
    }

    /// <summary>The device.</summary>
    public string Device { get; }

    /// <summary>Why it is not there.</summary>
    public string Problem { get; }

    /// <summary>What to do.</summary>
    public string Remedy { get; }
}
