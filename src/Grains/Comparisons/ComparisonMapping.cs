using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Comparisons;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Comparisons;
using AdaptCluster.Numerics.Training;

namespace AdaptCluster.Grains.Comparisons;

/// <summary>Between the messages of a comparison and its mathematics.</summary>
internal static class ComparisonMapping
{
    /// <exception cref="InvalidInputException">An option is out of range.</exception>
    public static ComparisonOptions ToOptions(ComparisonRequest request, ImmutableArray<int> inputGroups)
    {
        ImmutableArray<string> methods = request.Methods.IsDefaultOrEmpty ? MethodNames.All : request.Methods;
        if (methods.FirstOrDefault(method => !MethodNames.All.Contains(method)) is { } unknown)
        {
            throw new InvalidInputException("methods", $"'{unknown}' is not known", $"use some of {string.Join(", ", MethodNames.All)}");
        }

        var options = new ComparisonOptions
        {
            Methods = methods,
            Points = request.Points,
            TrainShare = request.TrainShare,
            Splits = request.Splits,
            Seed = request.Seed,
            MinTestRows = request.MinTestRows,
            MaxTestRows = request.MaxTestRows,
            FleetRows = request.RowsPerTask,
            Rank = request.Rank,
            InputGroups = inputGroups,
            Retrain = request.Training is { } training
                ? new TrainingOptions
                {
                    Epochs = training.Epochs,
                    BatchSize = training.BatchSize,
                    LearningRate = training.LearningRate,
                    Patience = training.Patience,
                    Seed = request.Seed,
                }
                : null,
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException error)
        {
            throw Refused(error);
        }
    }

    /// <summary>What the mathematics refuses, as the caller's.</summary>
    public static InvalidInputException Refused(ArgumentException error) => new("comparison", error.Message.TrimEnd('.'), "nothing was compared");

    public static ComparisonReport ToReport(ComparisonResult result) => new(
        [.. result.Scores.Select(ToScore)], [.. result.Curve.Select(ToScore)], ToShares(result.CandidateWeights));

    private static MethodScore ToScore(ComparisonScore score) => new()
    {
        Points = score.Points,
        Method = score.Method,
        Tasks = score.Tasks,
        Mse = ToEstimate(score.MeanSquaredError),
        Nlpd = ToEstimate(score.NegativeLogDensity),
        Coverage95 = ToEstimate(score.Coverage95),
        MseOverAdapted = score.MeanSquaredErrorOverAdapted is { } mse ? ToEstimate(mse) : null,
        NlpdOverAdapted = score.NegativeLogDensityOverAdapted is { } nlpd ? ToEstimate(nlpd) : null,
        SecondsPerTask = score.SecondsPerTask,
        Failures = score.Failures,
        Choices = score.Choices is null ? [] : ToShares(score.Choices),
    };

    private static ScoreEstimate ToEstimate(Estimate estimate) => new(estimate.Mean, estimate.StandardError);

    private static ImmutableArray<CandidateShare> ToShares(ImmutableSortedDictionary<string, double> shares) =>
        [.. shares.Select(share => new CandidateShare(share.Key, share.Value))];
}
