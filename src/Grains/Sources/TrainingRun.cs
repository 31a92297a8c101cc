using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Training;

namespace AdaptCluster.Grains.Sources;

/// <summary>Trains a network on the device lane, one epoch at a time so that predictions go in between.</summary>
internal sealed class TrainingRun(DeviceLane lane, StagedRows rows, TimeProvider clock)
{
    public async IAsyncEnumerable<TrainingStep> RunAsync(
        TrainingRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        NetworkSpec described = RegistrationChecks.RequireNetwork(request.Schema, request.Targets, request.Network);
        NetworkSpec adapted = ParameterChoice.Adapting(described, request.Adapting);
        NetworkSpec spec = Trainable(described, request.Network.SpecName ?? "network");
        TrainingOptions options = ToOptions(request);
        long started = clock.GetTimestamp();
        using var activity = AdaptInstruments.Activities.StartActivity("train");
        activity?.SetTag("adapt.network", request.Network.ToString());
        NetworkTrainer? trainer = null;
        try
        {
            TaskData data = await rows.ReadAsync(request.Data, spec, cancellationToken);
            RequireTrainable(data, request);
            int[] groups = StandardisedTogether(request.Schema);
            trainer = await lane.RunAsync(
                LanePriority.Background,
                context => new NetworkTrainer(spec, data, options, context.Device, groups),
                cancellationToken);
            while (!trainer.Finished)
            {
                TrainingProgress progress = await lane.RunAsync(
                    LanePriority.Background,
                    context =>
                    {
                        context.Plan(trainer.FlopsPerStep);
                        return trainer.RunEpoch();
                    },
                    cancellationToken);
                yield return new TrainingStep(progress.Epoch, progress.TrainLoss, progress.ValidationLoss, null);
            }

            TrainingResult result = await lane.RunAsync(LanePriority.Background, _ => trainer.Finish(), cancellationToken);
            var model = new SourceModel(
                result.Model.Weights.For(adapted), result.Model.InputStandardisation, result.Model.OutputStandardisation);
            double unit = result.Model.OutputStandardisation.Scale.Average(scale => scale * scale);
            var summary = new TrainingSummary(
                data.Rows,
                result.Epochs,
                result.BestEpoch,
                result.TrainMse * unit,
                result.ValidationMse * unit,
                clock.GetElapsedTime(started).TotalSeconds);
            yield return new TrainingStep(
                result.Epochs,
                result.TrainMse,
                result.ValidationMse,
                new TrainedModel(model, summary, result.TrainMse, result.ValidationMse, data));
        }
        finally
        {
            if (trainer is not null)
            {
                await lane.RunAsync(LanePriority.Interactive, _ => trainer.Dispose(), CancellationToken.None);
            }
        }
    }

    private static TrainingOptions ToOptions(TrainingRequest request)
    {
        RequirePositive(request.Epochs, "epochs");
        RequirePositive(request.BatchSize, "batch size");
        RequirePositive(request.Patience, "patience");
        if (!double.IsFinite(request.LearningRate) || request.LearningRate <= 0)
        {
            throw new InvalidInputException("learning rate", $"it is {request.LearningRate}", "give a number above 0");
        }

        if (!(request.ValidationFraction is > 0 and < 1))
        {
            throw new InvalidInputException("validation fraction", $"it is {request.ValidationFraction}", "give a number between 0 and 1");
        }

        return new TrainingOptions
        {
            Epochs = request.Epochs,
            BatchSize = request.BatchSize,
            LearningRate = request.LearningRate,
            ValidationFraction = request.ValidationFraction,
            Patience = request.Patience,
            Seed = request.Seed,
        };
    }

    private static void RequirePositive(int value, string name)
    {
        if (value <= 0)
        {
            throw new InvalidInputException(name, $"it is {value}", "give at least 1");
        }
    }

    private static void RequireTrainable(TaskData data, TrainingRequest request)
    {
        if (data.Rows < 2)
        {
            throw new InvalidInputException("data", "it has one row", "give at least two, better thousands");
        }

        TargetChecks.RequireVariation(data, request.Targets);
    }

    /// <summary>The network with every parameter learning: what is not adapted later must have been learned before.</summary>
    private static NetworkSpec Trainable(NetworkSpec spec, string name)
    {
        RequireTrainable(spec, name);
        return spec.Frozen.IsEmpty ? spec : new NetworkSpec(spec.Inputs, spec.Nodes, spec.Output);
    }

    /// <exception cref="InvalidInputException">The network has numbers that training does not find.</exception>
    public static void RequireTrainable(NetworkSpec spec, string name)
    {
        if (spec.Nodes.FirstOrDefault(node => node is ConstantNode) is { } constant)
        {
            throw new InvalidInputException(
                name, $"node '{constant.Name}' is a constant, whose numbers a description does not carry", "use a parameter, or import a trained network");
        }
    }

    /// <summary>
    /// Numbers are standardised one by one, those of a list all together; the zeros and ones of a text column and indices are
    /// left as they are.
    /// </summary>
    public static int[] StandardisedTogether(InputSchema schema) =>
    [
        .. schema.Columns.SelectMany(
            (column, group) => Enumerable.Repeat(column.IsCategorical || column.IsIndex ? -1 : group, column.Width)),
    ];
}
