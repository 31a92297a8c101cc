using System.Globalization;
using System.Text.Json;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Workflow;

[Collection(nameof(OneSilo))]
public sealed class WholePathTests(WholePathFixture path)
{
    private const double Normal95 = 1.959963984540054;

    [Fact]
    public void Train_TextColumns_AreInputsBesideTheNumbers()
    {
        JsonElement[] columns = [.. path.Trained.GetProperty("schema").GetProperty("columns").EnumerateArray()];

        Assert.Equal(["flour", "weight_g", "hour"], columns.Select(column => column.GetProperty("name").GetString()));
        Assert.Equal(
            Bakeries.Flours.Order(StringComparer.Ordinal),
            columns[0].GetProperty("categories").EnumerateArray().Select(category => category.GetString()!));
        Assert.Equal(12 * 60, path.Trained.GetProperty("training").GetProperty("rows").GetInt32());
        Assert.Equal((5 * 16) + 16 + (16 * 16) + 16 + 16 + 1, path.Trained.GetProperty("parameters").GetInt32());
    }

    [Fact]
    public void FitPrior_ManyShops_BeatsNothingAdapted()
    {
        JsonElement fit = path.Prior.GetProperty("fit");

        Assert.Equal(1, path.Prior.GetProperty("version").GetInt32());
        Assert.Equal(12, fit.GetProperty("tasks").GetInt32());
        Assert.Equal(12 * 60, fit.GetProperty("rows").GetInt32());
        Assert.True(fit.GetProperty("logEvidencePerRow").GetDouble() > fit.GetProperty("sourceLogDensityPerRow").GetDouble() + 0.5);
    }

    [Fact]
    public void Adapt_EveryShop_IsReadyWithItsRows()
    {
        JsonElement[] tasks = [.. path.Adapted.GetProperty("tasks").EnumerateArray()];

        Assert.Equal(6, path.Adapted.GetProperty("adapted").GetInt32());
        Assert.Empty(path.Adapted.GetProperty("failed").EnumerateArray());
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"Lyon, \"Est\" {i}"), tasks.Select(task => task.GetProperty("name").GetString()));
        Assert.All(tasks, task =>
        {
            Assert.Equal("ready", task.GetProperty("status").GetString());
            Assert.Equal(25, task.GetProperty("observations").GetInt32());
            Assert.Equal(1, task.GetProperty("posterior").GetProperty("version").GetInt32());
        });
    }

    [Fact]
    public void Predict_EveryRow_IsOneLineWithTheColumnsOfTheManual()
    {
        List<string[]> file = CsvText.Read(File.ReadAllText(path.Predictions));

        Assert.Equal(["task", "row", "mean", "sd", "lower95", "upper95", "version"], file[0]);
        Assert.Equal(Enumerable.Range(0, path.Scored.Count).Select(i => i.ToString()), file.Skip(1).Select(row => row[1]));
        Assert.Equal(path.Scored.Select(order => order.Shop), file.Skip(1).Select(row => row[0]));
        Assert.All(file.Skip(1), row =>
        {
            (double mean, double deviation) = (Number(row[2]), Number(row[3]));
            Assert.Equal(mean - (Normal95 * deviation), Number(row[4]), 1e-9);
            Assert.Equal(mean + (Normal95 * deviation), Number(row[5]), 1e-9);
            Assert.Equal("1", row[6]);
        });
        Assert.Equal(path.Scored.Count, path.Predicted.GetProperty("rows").GetInt32());
        Assert.Equal(6, path.Predicted.GetProperty("tasks").GetInt32());
    }

    [Fact]
    public void Evaluate_PredictionsAndInputRecomputed_AreTheSameNumbers()
    {
        List<string[]> file = CsvText.Read(File.ReadAllText(path.Predictions));
        (string Task, double Error2, double Nlpd, double Covered)[] rows =
        [
            .. file.Skip(1).Select(row =>
            {
                (double mean, double deviation) = (Number(row[2]), Number(row[3]));
                double observed = path.Scored[int.Parse(row[1], CultureInfo.InvariantCulture)].Price;
                double z = (observed - mean) / deviation;
                double nlpd = (z * z / 2) + Math.Log(deviation * Math.Sqrt(2 * Math.PI));
                return (row[0], (observed - mean) * (observed - mean), nlpd, observed >= Number(row[4]) && observed <= Number(row[5]) ? 1.0 : 0);
            }),
        ];
        (string Task, double Mse, double Nlpd, double Coverage)[] tasks =
        [
            .. rows.GroupBy(row => row.Task).Select(task => (
                task.Key, task.Average(row => row.Error2), task.Average(row => row.Nlpd), task.Average(row => row.Covered))),
        ];

        Assert.Equal(path.Scored.Count, path.Evaluated.GetProperty("rows").GetInt32());
        AssertScores(
            path.Evaluated.GetProperty("adapted"),
            tasks.Average(task => task.Mse),
            tasks.Average(task => task.Nlpd),
            tasks.Average(task => task.Coverage));
        AssertScores(
            path.Evaluated.GetProperty("overRows").GetProperty("adapted"),
            rows.Average(row => row.Error2),
            rows.Average(row => row.Nlpd),
            rows.Average(row => row.Covered));
        foreach (JsonElement perTask in path.Evaluated.GetProperty("perTask").EnumerateArray())
        {
            (_, double mse, double nlpd, double coverage) =
                tasks.Single(task => task.Task == perTask.GetProperty("task").GetString());
            AssertScores(perTask.GetProperty("adapted"), mse, nlpd, coverage);
        }
    }

    [Fact]
    public void Evaluate_TargetFarFromZero_IsInItsOwnUnits()
    {
        double mean = path.Scored.Average(order => order.Price);
        double variance = path.Scored.Average(order => (order.Price - mean) * (order.Price - mean));
        double adapted = path.Evaluated.GetProperty("adapted").GetProperty("mse").GetDouble();
        double sourceOnly = path.Evaluated.GetProperty("sourceOnly").GetProperty("mse").GetDouble();

        // The noise alone has a variance of 225 square euros; the prices have tens of thousands.
        Assert.InRange(adapted, 100, variance / 10);
        Assert.True(adapted < sourceOnly / 5, $"adapted {adapted}, source only {sourceOnly}, variance {variance}");
        Assert.InRange(path.Evaluated.GetProperty("adapted").GetProperty("coverage95").GetDouble(), 0.85, 1);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void AssertScores(JsonElement scores, double mse, double nlpd, double coverage)
    {
        Assert.Equal(mse, scores.GetProperty("mse").GetDouble(), 1e-9 * mse);
        Assert.Equal(nlpd, scores.GetProperty("nlpd").GetDouble(), 1e-9);
        Assert.Equal(coverage, scores.GetProperty("coverage95").GetDouble(), 1e-9);
    }
}
