using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Models;

/// <summary>Between the network of a message and that of the mathematics.</summary>
internal static class NetworkMapping
{
    /// <summary>The most parameters of a network that is trained here.</summary>
    public const int MaxParameters = 50_000_000;

    /// <exception cref="InvalidInputException">A width or an activation cannot be used.</exception>
    public static NetworkSpec ToSpec(NetworkDescription network)
    {
        if (network.Inputs <= 0 || network.Layers.IsDefaultOrEmpty || network.Layers.Any(layer => layer.Outputs <= 0))
        {
            throw new InvalidInputException("network", $"'{network}' has a width below 1", "give widths of at least 1");
        }

        long parameters = 0;
        long inputs = network.Inputs;
        foreach (LayerDescription layer in network.Layers)
        {
            parameters += (inputs + 1) * layer.Outputs;
            inputs = layer.Outputs;
        }

        if (parameters > MaxParameters)
        {
            throw new InvalidInputException("network", $"'{network}' has {parameters} parameters", $"use at most {MaxParameters}");
        }

        return new NetworkSpec(
            network.Inputs, [.. network.Layers.Select(layer => new DenseLayerSpec(layer.Outputs, ToActivation(layer.Activation)))]);
    }

    public static NetworkDescription ToDescription(NetworkSpec spec) => new(
        spec.Inputs, [.. spec.Layers.Select(layer => new LayerDescription(layer.Outputs, layer.Activation.ToString().ToLowerInvariant()))]);

    private static Activation ToActivation(string name) =>
        Enum.TryParse(name, ignoreCase: true, out Activation activation) && Enum.IsDefined(activation) && !int.TryParse(name, out _)
            ? activation
            : throw new InvalidInputException(
                "activation",
                $"'{name}' is not known",
                $"use one of {string.Join(", ", Enum.GetNames<Activation>().Select(known => known.ToLowerInvariant()))}");
}
