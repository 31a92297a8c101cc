using System.Collections.Immutable;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Sources;

/// <summary>
/// From a staged model file to what can be registered. Managed code reads it on a thread of the pool; a program is loaded, and
/// every network tried on one row, on the device lane. Nothing is kept.
/// </summary>
internal sealed class ImportRun(DeviceLane lane, StagedFiles files)
{
    /// <summary>The most operations for one row: a hundred times those of a large image network.</summary>
    private const double MostFlopsPerRow = 1e12;

    /// <summary>The most numbers that all values of one row may have together: 2 GiB of them.</summary>
    private const long MostNumbersPerRow = 1L << 28;

    private const int MostOutputs = 1_000;

    /// <exception cref="InvalidInputException">The file cannot be used, or does not fit the rest of the request.</exception>
    public async Task<ImportedSource> RunAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        using var activity = AdaptInstruments.Activities.StartActivity("import");
        byte[] bytes = await files.ReadAsync(request.Model, request.FileName, cancellationToken);
        NetworkFile file = await Task.Run(() => ModelFileReader.Read(bytes, request), cancellationToken);
        NetworkWeights weights = file.Weights ?? await LoadAsync(bytes, request, cancellationToken);
        RequireAffordable(weights.Spec, request.FileName);
        ImportedSource source = Describe(weights, file.WholeInputs, request);
        activity?.SetTag("adapt.network", NetworkMapping.ToDescription(source.Model.Spec).ToString());
        await lane.RunAsync(LanePriority.Interactive, context => Try(context, source.Model, request.FileName), cancellationToken);
        return source;
    }

    private Task<NetworkWeights> LoadAsync(byte[] bytes, ImportRequest request, CancellationToken cancellationToken) => lane.RunAsync(
        LanePriority.Interactive,
        _ =>
        {
            try
            {
                return ScriptProgram.Read(bytes, request.InputShape);
            }
            catch (InvalidNetworkException error)
            {
                throw new InvalidInputException(
                    request.FileName, error.Message.TrimEnd('.'), "see docs/importing.md for what a program must be, and check --inputs");
            }
        },
        cancellationToken);

    private static ImportedSource Describe(NetworkWeights weights, ImmutableArray<string> wholeInputs, ImportRequest request)
    {
        NetworkSpec spec = weights.Spec;
        InputSchema schema = request.Schema ?? PositionalSchema.Of(spec, wholeInputs);
        ImmutableArray<string> targets = request.Targets.IsDefaultOrEmpty ? PositionalSchema.Targets(spec.Outputs) : request.Targets;
        RegistrationChecks.RequireFit(schema, targets, spec, request.FileName);
        var model = new SourceModel(
            weights.For(ParameterChoice.Adapting(spec, request.Adapting)),
            RegistrationChecks.ToStandardisation(request.InputMean, request.InputScale, spec.InputWidth, "inputs"),
            RegistrationChecks.ToStandardisation(request.OutputMean, request.OutputScale, spec.Outputs, "outputs"));
        return new ImportedSource(model, schema, targets, request.Schema is null);
    }

    private static void RequireAffordable(NetworkSpec spec, string file)
    {
        NetworkMapping.RequireSize(spec);
        if (spec.Outputs > MostOutputs)
        {
            throw new InvalidInputException(file, $"the network has {spec.Outputs:N0} outputs", $"use at most {MostOutputs:N0}");
        }

        if (spec.FlopsPerRow > MostFlopsPerRow || spec.NumbersPerRow > MostNumbersPerRow)
        {
            throw new InvalidInputException(
                file,
                $"one row takes {spec.FlopsPerRow:G3} operations and {spec.NumbersPerRow:N0} numbers",
                $"use a network of at most {MostFlopsPerRow:G3} and {MostNumbersPerRow:N0}");
        }
    }

    /// <summary>Computes one row: zeros, or where they give no number (as a logarithm does) ones.</summary>
    private static void Try(LaneContext context, SourceModel model, string file)
    {
        context.Plan(model.Spec.FlopsPerRow);
        try
        {
            using var network = new SourceNetwork(model, context.Device);
            try
            {
                network.Evaluate(Row(0));
            }
            catch (NonFiniteOutputException)
            {
                network.Evaluate(Row(1));
            }
        }
        catch (Exception error) when (error is NumericsException or ArgumentException or System.Runtime.InteropServices.ExternalException)
        {
            string problem = error is NonFiniteOutputException
                ? "its output is not finite, neither for a row of zeros nor for one of ones"
                : $"it cannot be computed: {error.Message.Split('\n')[0].TrimEnd('.', ' ')}";
            throw new InvalidInputException(file, problem, "look at the network where it was made");
        }

        RowMatrix Row(double value)
        {
            double[] values = new double[model.Spec.InputWidth];
            Array.Fill(values, value);
            return new RowMatrix(1, values.Length, values);
        }
    }
}
