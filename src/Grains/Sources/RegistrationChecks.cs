using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Models;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Grains.Sources;

/// <summary>Whether the parts of a source fit each other.</summary>
internal static class RegistrationChecks
{
    private const int MaxLength = 1 << 28;

    /// <exception cref="InvalidInputException">Schema, targets and network do not fit.</exception>
    public static NetworkSpec RequireNetwork(InputSchema schema, ImmutableArray<string> targets, NetworkDescription network)
    {
        NetworkSpec spec = NetworkMapping.ToSpec(network);
        if (spec.Nodes.Any(node => node is ScriptNode))
        {
            throw new InvalidInputException("network", "it is a TorchScript program", "import the program's file");
        }

        RequireFit(schema, targets, spec, network.SpecName ?? "network");
        return spec;
    }

    /// <exception cref="InvalidInputException">Schema, targets and network do not fit.</exception>
    public static void RequireFit(InputSchema schema, ImmutableArray<string> targets, NetworkSpec spec, string network)
    {
        string[] names = [.. schema.Columns.Select(column => column.Name), .. targets];
        foreach (string name in names)
        {
            EntityName.Require(name, "column");
        }

        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidInputException("schema", $"the column '{twice.Key}' is named twice", "name each column once");
        }

        if (schema.Columns.FirstOrDefault(column => column.Length is < 0 or > MaxLength) is { } unusable)
        {
            throw new InvalidInputException("schema", $"the column '{unusable.Name}' has the length {unusable.Length}", $"give from 1 to {MaxLength}");
        }

        long width = schema.Columns.Sum(column => (long)column.Width);
        if (width != spec.InputWidth)
        {
            throw new InvalidInputException(network, $"it has {spec.InputWidth} inputs, but the schema encodes to {width}", "make them equal");
        }

        if (targets.Length != spec.Outputs)
        {
            throw new InvalidInputException(
                network, $"it has {spec.Outputs} outputs for {targets.Length} targets", "make them equal");
        }

        if (spec.Blocks.Concat(spec.Fixed).FirstOrDefault(block => SourceModelFile.IsReserved(block.Name)) is { } reserved)
        {
            throw new InvalidInputException(network, $"a parameter has the name '{reserved.Name}', which is taken", "rename it");
        }
    }

    /// <exception cref="InvalidInputException">The parts do not fit, or a number cannot be used.</exception>
    public static SourceModel ToModel(SourceRegistration registration)
    {
        NetworkSpec spec = RequireNetwork(registration.Schema, registration.Targets, registration.Network);
        float[] weights = Finite(registration.Weights, "weights", spec.ParameterCount, "parameters");
        float[] others = registration.FixedWeights is { } sent || spec.Fixed.Length > 0
            ? Finite(registration.FixedWeights ?? TensorPayload.FromVector([]), "fixed weights", spec.Fixed.Sum(block => block.Count), "other numbers")
            : [];
        try
        {
            return new SourceModel(
                new NetworkWeights(spec, weights, others),
                ToStandardisation(registration.InputMean, registration.InputScale, spec.InputWidth, "inputs"),
                ToStandardisation(registration.OutputMean, registration.OutputScale, spec.Outputs, "outputs"));
        }
        catch (ArgumentException error)
        {
            throw new InvalidInputException("fixed weights", error.Message.TrimEnd('.'), "send what the network had in evaluation mode");
        }
    }

    private static float[] Finite(TensorPayload payload, string name, int count, string what)
    {
        float[] weights = payload.ToSingles();
        if (weights.Length != count)
        {
            throw new InvalidInputException(
                name, $"there are {weights.Length}, but the network has {count} {what}", "send all of them");
        }

        int bad = Array.FindIndex(weights, weight => !float.IsFinite(weight));
        return bad < 0 ? weights : throw new InvalidInputException(name, $"number {bad} is {weights[bad]}", "send finite numbers");
    }

    /// <summary>The standardisation of a message: one number for each, one for all, or none.</summary>
    /// <exception cref="InvalidInputException">It has another width, or a number cannot be used.</exception>
    public static Standardisation ToStandardisation(ImmutableArray<double> mean, ImmutableArray<double> scale, int width, string what)
    {
        Standardisation identity = Standardisation.Identity(width);
        var standardisation = new Standardisation(
            mean.IsDefaultOrEmpty ? identity.Mean : Spread(mean, width), scale.IsDefaultOrEmpty ? identity.Scale : Spread(scale, width));
        bool fits = standardisation.Mean.Length == width && standardisation.Scale.Length == width
            && standardisation.Mean.All(double.IsFinite) && standardisation.Scale.All(value => double.IsFinite(value) && value > 0);
        return fits
            ? standardisation
            : throw new InvalidInputException(
                $"standardisation of the {what}", "it does not fit", $"send {width} finite means and {width} positive scales, or none");
    }

    private static ImmutableArray<double> Spread(ImmutableArray<double> values, int width) =>
        values.Length == 1 ? [.. Enumerable.Repeat(values[0], width)] : values;
}
