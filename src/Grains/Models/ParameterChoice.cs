using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Models;

/// <summary>Which parameters of a network are adapted, by the words of a request.</summary>
internal static class ParameterChoice
{
    /// <summary>The same network with only these parameters adapted.</summary>
    /// <exception cref="InvalidInputException">They are none, or one is not there.</exception>
    public static NetworkSpec Adapting(NetworkSpec spec, string? choice)
    {
        try
        {
            return spec.Adapting(ParameterSelection.Parse(choice ?? "all"));
        }
        catch (InvalidNetworkException error)
        {
            throw Wrong(error.Problem);
        }
        catch (ArgumentException)
        {
            throw Wrong("they are none");
        }
    }

    private static InvalidInputException Wrong(string problem) =>
        new("adapted parameters", problem, "use all, last, or names and patterns of parameters, as in layer4.*,fc.weight");
}
