using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Models;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Sources;

/// <summary>Whether the parts of a source fit each other.</summary>
internal static class RegistrationChecks
{
    /// <exception cref="InvalidInputException">Schema, targets and network do not fit.</exception>
    public static NetworkSpec RequireNetwork(InputSchema schema, ImmutableArray<string> targets, NetworkDescription network)
    {
        NetworkSpec spec = NetworkMapping.ToSpec(network);
        string[] names = [.. schema.Columns.Select(column => column.Name), .. targets];
        foreach (string name in names)
        {
            EntityName.Require(name, "column");
        }

        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidInputException("schema", $"the column '{twice.Key}' is named twice", "name each column once");
        }

        if (schema.Width != spec.InputWidth)
        {
            throw new InvalidInputException(
                "network", $"it has {spec.InputWidth} inputs, but the schema encodes to {schema.Width}", "make them equal");
        }

        if (targets.Length != spec.Outputs)
        {
            throw new InvalidInputException(
                "network", $"it has {spec.Outputs} outputs for {targets.Length} targets", "make them equal");
        }

        return spec;
    }

    /// <exception cref="InvalidInputException">The parts do not fit, or a number cannot be used.</exception>
    public static SourceModel ToModel(SourceRegistration registration)
    {
        NetworkSpec spec = RequireNetwork(registration.Schema, registration.Targets, registration.Network);
        float[] weights = registration.Weights.ToSingles();
        if (weights.Length != spec.ParameterCount)
        {
            throw new InvalidInputException(
                "weights", $"there are {weights.Length}, but the network has {spec.ParameterCount} parameters", "send all of them");
        }

        int bad = Array.FindIndex(weights, weight => !float.IsFinite(weight));
        if (bad >= 0)
        {
            throw new InvalidInputException("weights", $"number {bad} is {weights[bad]}", "send finite numbers");
        }

        return new SourceModel(
            new NetworkWeights(spec, weights),
            ToStandardisation(registration.InputMean, registration.InputScale, spec.InputWidth, "inputs"),
            ToStandardisation(registration.OutputMean, registration.OutputScale, spec.Outputs, "outputs"));
    }

    private static Standardisation ToStandardisation(ImmutableArray<double> mean, ImmutableArray<double> scale, int width, string what)
    {
        Standardisation identity = Standardisation.Identity(width);
        var standardisation = new Standardisation(
            mean.IsDefaultOrEmpty ? identity.Mean : mean, scale.IsDefaultOrEmpty ? identity.Scale : scale);
        bool fits = standardisation.Mean.Length == width && standardisation.Scale.Length == width
            && standardisation.Mean.All(double.IsFinite) && standardisation.Scale.All(value => double.IsFinite(value) && value > 0);
        return fits
            ? standardisation
            : throw new InvalidInputException(
                $"standardisation of the {what}", "it does not fit", $"send {width} finite means and {width} positive scales, or none");
    }
}
