using AdaptCluster.Cli.Figures;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Demo;

/// <summary>
/// The second act: one network of the delays of 120 airports, a prior learned on the same, and all other airports adapted to with
/// 5 to 1,000 of their flights.
/// </summary>
internal sealed class AirportAct(DemoStage stage, AirportFleet fleet)
{
    private const int PriorRows = 50; // a fleet of small tasks, as new customers are: see docs/design/demo.md
    private const int PriorTasksPerAirport = 10;

    public async Task<AirportOutcome> RunAsync()
    {
        SourceHandle source = stage.Client.Source("airports");
        await TrainAsync(source);
        await FitPriorAsync(source);
        var results = new List<AirportResult>();
        var curve = new List<AirportResult>();
        var speeds = new List<AirportSpeed>();
        foreach (int k in Airport.Points)
        {
            Airport[] airports = [.. fleet.Targets.Where(airport => airport.Allows(k))];
            TaskRows[] tasks = [.. airports.Select(airport => new TaskRows(TaskName(airport, k), airport.Seen(k)))];
            speeds.Add(new AirportSpeed(k, tasks.Length, await stage.AdaptAsync("airports", source, tasks)));
            AirportScores[] scores = await stage.PredictAsync("airports", airports, airport => ScoreAsync(source, airport, k));
            results.AddRange(Means(k, scores));
            curve.AddRange(Means(k, [.. scores.Where((_, index) => airports[index].Allows(Airport.Points[^1]))]));
        }

        return new AirportOutcome(results, curve, speeds);
    }

    private static string TaskName(Airport airport, int k) => $"{airport.Code}/k={k}";

    private Task<SourceDescription> TrainAsync(SourceHandle source)
    {
        LabelledRows rows = RowStack.Of([.. fleet.Sources.Select(airport => airport.Flights)]);
        return stage.TrainAsync("airports", source, rows, AirportFeatures.Schema, AirportFeatures.Target, new TrainingOptions
        {
            Hidden = [48, 48],
            Epochs = 10,
            BatchSize = 1024,
            LearningRate = 2e-3,
            Seed = stage.Seed,
        });
    }

    private Task<PriorDescription> FitPriorAsync(SourceHandle source)
    {
        TaskRows[] tasks = [.. fleet.Sources.SelectMany(airport => Enumerable
            .Range(0, Math.Min(PriorTasksPerAirport, airport.Flights.Count / PriorRows))
            .Select(i => new TaskRows($"{airport.Code}/{i}", airport.Flights.Slice(i * PriorRows, PriorRows))))];
        return stage.FitPriorAsync("airports", source, tasks, new PriorFitOptions { MaxIterations = 25, Seed = stage.Seed });
    }

    private static async Task<AirportScores> ScoreAsync(SourceHandle source, Airport airport, int k)
    {
        LabelledRows seen = airport.Seen(k);
        LabelledRows tests = airport.Tests();
        Rows both = RowStack.Of([seen.Inputs, tests.Inputs]);
        return AirportScores.Of(seen, tests, await source.Task(TaskName(airport, k)).PredictAsync(both));
    }

    private static IEnumerable<AirportResult> Means(int k, AirportScores[] scores)
    {
        yield return Mean(LearningCurveMethod.None, score => score.None);
        yield return Mean(LearningCurveMethod.MeanShift, score => score.MeanShift);
        yield return Mean(LearningCurveMethod.Adapted, score => score.Adapted);

        AirportResult Mean(LearningCurveMethod method, Func<AirportScores, FitScores> of) => new(
            k,
            method,
            scores.Length,
            scores.Average(score => of(score).MeanSquaredError),
            scores.Average(score => of(score).MeanNegativeLogDensity),
            scores.Average(score => of(score).Coverage95));
    }
}
