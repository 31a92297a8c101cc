using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Grains.Models;

/// <summary>Between the network of a message and that of the mathematics.</summary>
internal static class NetworkMapping
{
    /// <summary>The most parameters of a network.</summary>
    public const int MaxParameters = 50_000_000;

    /// <exception cref="InvalidInputException">The network cannot be.</exception>
    public static NetworkSpec ToSpec(NetworkDescription network)
    {
        if (network.Spec is null && (network.Inputs < 1 || network.Layers.IsDefaultOrEmpty || network.Layers.Any(layer => layer.Outputs < 1)))
        {
            throw new InvalidInputException("network", $"'{network}' has a width below 1", "give widths of at least 1");
        }

        if (network.Spec is null && ChainParameters(network) is > MaxParameters and var parameters)
        {
            throw TooLarge(network.ToString(), parameters);
        }

        try
        {
            return RequireSize(network.Spec is { } text
                ? NetworkSpecFile.Parse(text)
                : NetworkSpec.Dense(network.Inputs, [.. network.Layers.Select(layer => new DenseLayerSpec(layer.Outputs, ToActivation(layer.Activation)))]));
        }
        catch (InvalidNetworkException error)
        {
            throw new InvalidInputException(
                network.SpecName ?? "network", error.Message.TrimEnd('.'), "mend its description; docs/network-spec.md describes the format");
        }
    }

    /// <summary>What is told of a network: its layers where it is a chain of dense ones, and a line about any.</summary>
    public static NetworkDescription ToDescription(NetworkSpec spec) => new(spec.InputWidth, []) { Summary = Summarise(spec) };

    /// <exception cref="InvalidInputException">It has too many parameters.</exception>
    public static NetworkSpec RequireSize(NetworkSpec spec) => spec.ParameterCount <= MaxParameters
        ? spec
        : throw TooLarge(Summarise(spec), spec.ParameterCount);

    private static InvalidInputException TooLarge(string network, double parameters) =>
        new("network", $"'{network}' has {parameters} parameters", $"use at most {MaxParameters}");

    /// <summary>Of a chain of dense layers, which may be too large to be made.</summary>
    private static double ChainParameters(NetworkDescription network)
    {
        double parameters = 0;
        double inputs = network.Inputs;
        foreach (LayerDescription layer in network.Layers)
        {
            parameters += (inputs + 1) * layer.Outputs;
            inputs = layer.Outputs;
        }

        return parameters;
    }

    private static string Summarise(NetworkSpec spec)
    {
        if (IsChain(spec))
        {
            string[] functions = [.. spec.Nodes.OfType<ActivationNode>().Select(node => node.Function.ToString().ToLowerInvariant()).Distinct()];
            string activation = functions.Length == 0 ? "linear" : string.Join('/', functions);
            return $"{spec.InputWidth}-{string.Join('-', spec.Nodes.OfType<LinearNode>().Select(node => node.Outputs))} {activation}";
        }

        if (spec.Nodes is [ScriptNode])
        {
            return $"TorchScript program, {spec.InputWidth} to {spec.Outputs}";
        }

        string inputs = string.Join(" and ", spec.Inputs.Select(input => $"[{string.Join(", ", input.Shape)}]"));
        return $"{spec.Nodes.Length} nodes, {inputs} to {spec.Outputs}";
    }

    private static bool IsChain(NetworkSpec spec) => spec.Nodes
        .Zip(spec.Nodes.Select(node => node.Name).Prepend(spec.Inputs[0].Name))
        .All(pair => pair.First is LinearNode or ActivationNode && pair.First.Inputs.SequenceEqual([pair.Second]));

    private static Activation ToActivation(string name) =>
        Enum.TryParse(name, ignoreCase: true, out Activation activation) && Enum.IsDefined(activation) && !int.TryParse(name, out _)
            ? activation
            : throw new InvalidInputException(
                "activation",
                $"'{name}' is not known",
                $"use one of {string.Join(", ", Enum.GetNames<Activation>().Select(known => known.ToLowerInvariant()))}");
}
