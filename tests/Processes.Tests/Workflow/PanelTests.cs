using System.Globalization;
using System.Text.Json;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Workflow;

/// <summary>A wide file becomes a panel, and predicts what the same cells as tasks of their own predict.</summary>
[Collection(nameof(OneSilo))]
public sealed class PanelTests(WholePathFixture path)
{
    private const int Shops = 4;
    private const int Days = 24;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Panels_WideFile_PredictsAsTasksOfItsCellsAndGoes()
    {
        (string wide, string narrow, string next, string nextTasks) = WriteFiles();
        string[] adapt = ["panels", "adapt", WholePathFixture.Source, "east", "--data", wide, "--targets-from", "panel 0"];

        JsonElement adapted = await JsonAsync(adapt);
        JsonElement again = await JsonAsync(adapt);
        await JsonAsync(["tasks", "adapt", WholePathFixture.Source, "--data", narrow, "--target", Bakeries.Target, "--task", Bakeries.Task]);
        string panelFile = path.Folder.File("panel-predictions.csv");
        string taskFile = path.Folder.File("task-predictions.csv");
        JsonElement predicted = await JsonAsync(["panels", "predict", WholePathFixture.Source, "east", "--data", next, "--out", panelFile]);
        await JsonAsync(["predict", WholePathFixture.Source, "--data", nextTasks, "--task", Bakeries.Task, "--out", taskFile]);
        JsonElement shown = await JsonAsync(["panels", "show", WholePathFixture.Source, "east"]);
        string text = (await path.Folder.RunAsync("panels", "show", WholePathFixture.Source, "east")).Succeeded().Out;

        JsonElement panel = adapted.GetProperty("panel");
        Assert.Equal(("ready", Days, Shops, Shops), (panel.GetProperty("status").GetString(), Int(panel, "inputs"), Int(panel, "targets"), Int(panel, "ready")));
        Assert.Equal(1, Int(again.GetProperty("panel").GetProperty("lastSolve"), "block"));
        Assert.Equal((Shops, 5), (Int(predicted, "targets"), Int(predicted, "rows")));
        Assert.Equal(Enumerable.Repeat(1, Shops), shown.GetProperty("targets").EnumerateArray().Select(target => Int(target, "version")));
        Assert.Contains($"targets    {Shops}: {Shops} ready, 0 stale, 0 not converged", text, StringComparison.Ordinal);
        await AssertNearAsync(taskFile, panelFile);

        (await path.Folder.RunAsync("panels", "delete", WholePathFixture.Source, "east")).Succeeded();
        Assert.Contains("no panel named 'east'", (await path.Folder.RunAsync("panels", "show", WholePathFixture.Source, "east")).OneLineError(2), StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(path.Folder.DataDirectory, "tensors", "panels")));
        for (int shop = 0; shop < Shops; shop++)
        {
            (await path.Folder.RunAsync("tasks", "delete", $"panel {shop}")).Succeeded();
        }
    }

    // The solve's tolerance against prices of a spread of 300: the mean within a hundredth, the deviation within half a percent, never below.
    private static async Task AssertNearAsync(string taskFile, string panelFile)
    {
        Dictionary<string, string[]> tasks = CsvText.Read(await File.ReadAllTextAsync(taskFile, Token)).Skip(1).ToDictionary(row => $"{row[0]} {int.Parse(row[1], CultureInfo.InvariantCulture) % 5}");
        List<string[]> rows = CsvText.Read(await File.ReadAllTextAsync(panelFile, Token));
        Assert.Equal("task,row,mean,sd,lower95,upper95,version", string.Join(',', rows[0]));
        Assert.Equal(Shops * 5, rows.Count - 1);
        Assert.All(rows.Skip(1), row =>
        {
            string[] alone = tasks[$"{row[0]} {row[1]}"];
            Assert.Equal(Number(alone[2]), Number(row[2]), 0.01);
            Assert.InRange(Number(row[3]) / Number(alone[3]), 1 - 1e-9, 1.005);
        });
    }

    /// <summary>Days that four shops share, a third of the cells empty; and the same cells as a file of tasks.</summary>
    private (string Wide, string Narrow, string Next, string NextTasks) WriteFiles()
    {
        List<Bakeries.Order> days = Bakeries.Orders(11, 1, Days + 5, "day ");
        string[] shops = [.. Enumerable.Range(0, Shops).Select(shop => $"panel {shop}")];
        string[] inputs = ["flour", "weight_g", "hour"];
        var wide = new List<IEnumerable<string>> { inputs.Concat(shops) };
        var narrow = new List<IEnumerable<string>> { Bakeries.Header.Split(',') };
        for (int day = 0; day < Days; day++)
        {
            string[] cells = days[day].Cells;
            string[] prices = [.. shops.Select((_, shop) => (day + shop) % 3 == 0
                ? string.Empty
                : (days[day].Price + (20 * shop) + (7 * (day % 4))).ToString("R", CultureInfo.InvariantCulture))];
            wide.Add(cells[1..4].Concat(prices));
            narrow.AddRange(shops.Where((_, shop) => prices[shop].Length > 0).Select(shop => (string[])[shop, .. cells[1..4], prices[Array.IndexOf(shops, shop)]]));
        }

        string[][] next = [.. days.Skip(Days).Select(day => day.Cells[1..4])];
        return (
            path.Folder.Write("wide.csv", CsvText.Write(wide)),
            path.Folder.Write("narrow.csv", CsvText.Write(narrow)),
            path.Folder.Write("wide-next.csv", CsvText.Write([inputs, .. next])),
            path.Folder.Write("narrow-next.csv", CsvText.Write([["shop", .. inputs], .. shops.SelectMany(shop => next.Select(cells => (string[])[shop, .. cells]))])));
    }

    private async Task<JsonElement> JsonAsync(string[] arguments) => (await path.Folder.RunAsync([.. arguments, "--json"])).Succeeded().Json();

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
