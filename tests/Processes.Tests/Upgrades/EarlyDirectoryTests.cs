using System.Globalization;
using System.Text.Json;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Upgrades;

/// <summary>What an early build has written is read, says the same, and can be added to: records, reminders and files of before today's fields.</summary>
public sealed class EarlyDirectoryTests : IDisposable
{
    /// <summary>Between that build's arithmetic and this one's: rounding, and the order of sums; in units of the standard deviation.</summary>
    private const double Tolerance = 1e-6;

    private readonly DataFolder _folder = new();

    public EarlyDirectoryTests()
    {
        string early = ModelFiles.Folder("early-directory");
        foreach (string file in Directory.GetFiles(Path.Combine(early, "data"), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(_folder.DataDirectory, Path.GetRelativePath(Path.Combine(early, "data"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Predict_DirectoryOfAnEarlyBuild_WhatThatBuildPredicted()
    {
        CommandResult predicted = await _folder.RunAsync("predict", "prices", "--data", Fixture("ask.csv"), "--task", "shop", "--out", _folder.File("now.csv"));

        Assert.True(predicted.ExitCode == 0, predicted.ToString());
        List<string[]> expected = Read(Fixture("predictions.csv")), actual = Read(_folder.File("now.csv"));
        Assert.Equal(19, actual.Count);
        Assert.All(expected.Skip(1).Zip(actual.Skip(1)), pair =>
        {
            Assert.Equal((pair.First[0], pair.First[1], pair.First[6]), (pair.Second[0], pair.Second[1], pair.Second[6]));
            double deviation = Number(pair.First[3]);
            Assert.Equal(Number(pair.First[2]), Number(pair.Second[2]), Tolerance * deviation);
            Assert.Equal(deviation, Number(pair.Second[3]), Tolerance * deviation);
        });
    }

    [Fact]
    public async Task Adapt_DirectoryOfAnEarlyBuild_RowsAreAddedToThoseThatItHas()
    {
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder.DataDirectory);
        string[] rows = ["--target", "price_eur", "--task", "shop", "--json"];

        // The same rows: they are held, by the batch's name, and nothing is computed. Others: a new version of all.
        CommandResult same = await _folder.RunAsync(["tasks", "adapt", "prices", "--data", Fixture("adapt.csv"), .. rows]);
        CommandResult more = await _folder.RunAsync(["tasks", "adapt", "prices", "--data", Fixture("ask.csv"), .. rows]);
        CommandResult fitted = await _folder.RunAsync(["prior", "fit", "prices", "--data", Fixture("adapt.csv"), .. rows]);

        Assert.All(TasksOf(same), task => Assert.Equal((10, 1), task));
        Assert.All(TasksOf(more), task => Assert.Equal((16, 2), task));
        Assert.Equal(2, JsonDocument.Parse(fitted.Out).RootElement.GetProperty("version").GetInt32());
    }

    private static List<(int Observations, int Version)> TasksOf(CommandResult adapted)
    {
        Assert.True(adapted.ExitCode == 0, adapted.ToString());
        JsonElement tasks = JsonDocument.Parse(adapted.Out).RootElement.GetProperty("tasks");
        Assert.Equal(3, tasks.GetArrayLength());
        return [.. tasks.EnumerateArray().Select(task => (task.GetProperty("observations").GetInt32(), task.GetProperty("posterior").GetProperty("version").GetInt32()))];
    }

    private static string Fixture(string file) => Path.Combine(ModelFiles.Folder("early-directory"), file);

    private static List<string[]> Read(string file) => [.. File.ReadLines(file).Select(line => line.Split(','))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
