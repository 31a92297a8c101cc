using System.Text.Json;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Workflow;

[Collection(nameof(OneSilo))]
public sealed class ListingTests(WholePathFixture path)
{
    [Fact]
    public async Task ShowAndList_Json_AreWhatTheCommandsReturned()
    {
        JsonElement sources = await JsonAsync("sources", "list");
        JsonElement source = await JsonAsync("sources", "show", WholePathFixture.Source);
        JsonElement prior = await JsonAsync("prior", "show", WholePathFixture.Source);
        JsonElement tasks = await JsonAsync("tasks", "list", "--source", WholePathFixture.Source);
        JsonElement task = await JsonAsync("tasks", "show", "Lyon, \"Est\" 3");

        Assert.Equal(source.ToString().Unindented(), Assert.Single(sources.GetProperty("sources").EnumerateArray()).GetRawText().Unindented());
        Assert.Equal(path.Trained.GetProperty("modelHash").GetString(), source.GetProperty("modelHash").GetString());
        Assert.Equal(path.Prior.ToString().Unindented(), prior.ToString().Unindented());
        Assert.Equal(prior.ToString().Unindented(), source.GetProperty("prior").ToString().Unindented());
        Assert.Equal(path.Adapted.GetProperty("tasks").ToString().Unindented(), tasks.GetProperty("tasks").ToString().Unindented());
        Assert.Equal(tasks.GetProperty("tasks")[3].ToString().Unindented(), task.ToString().Unindented());
    }

    [Theory]
    [InlineData("sources list", "bakeries")]
    [InlineData("sources show bakeries", "source      bakeries", "trained     720 rows", "prior       version 1", "flour (3 values)")]
    [InlineData("sources show bakeries --diagnose 3", "nats per observation over 3 tasks", "of the change is not linear", "of 1 that of the source's rows", "holds")]
    [InlineData("prior show bakeries", "prior       version 1", "fitted      12 tasks, 720 rows", "layers.0.weight")]
    [InlineData("tasks list", "Lyon, \"Est\" 0", "Ready", "25")]
    [InlineData("evaluate bakeries LABELLED", "6 tasks, 120 rows, in the target's own units", "adapted", "source only")]
    [InlineData("predict bakeries --data SCORED --task shop --out OUT", "predicted 120 rows of 6 tasks into ")]
    public async Task Run_WithoutJson_SaysTheKeyLines(string command, params string[] lines)
    {
        string[] arguments =
        [
            .. command.Split(' ').SelectMany(word => word switch
            {
                "LABELLED" => path.Labelled("scored.csv"),
                "SCORED" => [path.Folder.File("scored.csv")],
                "OUT" => [path.Folder.File("text.csv")],
                _ => (string[])[word],
            }),
        ];

        CommandResult result = (await path.Folder.RunAsync(arguments)).Succeeded();

        Assert.All(lines, line => Assert.Contains(line, result.Out, StringComparison.Ordinal));
        Assert.DoesNotContain("{", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_Diagnose_ExaminesThePosterior()
    {
        JsonElement shown = await JsonAsync("tasks", "show", "Lyon, \"Est\" 3", "--diagnose");

        Assert.Equal("Lyon, \"Est\" 3", shown.GetProperty("task").GetProperty("name").GetString());
        JsonElement found = shown.GetProperty("diagnosis");
        Assert.Equal(25, found.GetProperty("rows").GetInt32());
        Assert.InRange(found.GetProperty("fisherSimilarity").GetDouble(), 0, 1);
        Assert.InRange(found.GetProperty("explainedBySource").GetDouble(), 0, 1);
        Assert.Equal(5, found.GetProperty("coverage").GetArrayLength());
    }

    [Fact]
    public async Task Adapt_SourceAuto_EveryTaskGoesToTheSourceThatExplainsIt()
    {
        const string tenant = "choosing";
        await TrainAsync(tenant, path.Folder.File("train.csv"), "good");
        await TrainAsync(tenant, path.Folder.File("train.csv"), "unsure");
        await TrainAsync(tenant, path.Folder.File("train.csv"), "unlearned");
        await JsonAsync("prior", "set", "good", "--scale", "0.1", "--noise-variance", "0.05", "--tenant", tenant);
        await JsonAsync("prior", "set", "unsure", "--scale", "0.1", "--noise-variance", "1000", "--tenant", tenant);

        JsonElement adapted = await JsonAsync(["tasks", "adapt", "--source", "auto", .. path.Labelled("adapt.csv"), "--tenant", tenant]);

        Assert.Equal(6, adapted.GetProperty("adapted").GetInt32());
        Assert.All(adapted.GetProperty("tasks").EnumerateArray(), task => Assert.Equal("good", task.GetProperty("source").GetString()));

        // A task that exists stays where it is, whatever would be chosen now.
        await JsonAsync("prior", "set", "good", "--scale", "0.1", "--noise-variance", "100000", "--tenant", tenant);
        JsonElement again = await JsonAsync(["tasks", "adapt", "--source", "auto", .. path.Labelled("adapt.csv"), "--tenant", tenant]);
        Assert.All(again.GetProperty("tasks").EnumerateArray(), task => Assert.Equal("good", task.GetProperty("source").GetString()));
    }

    [Theory]
    [InlineData("source: none is named")]
    [InlineData("--source: the source is named twice", "bakeries", "--source", "auto")]
    [InlineData("no source can be used: source 'bare' has no prior", "--source", "auto", "--tenant", "nothing learned")]
    public async Task Adapt_NoUsableSource_SaysWhy(string message, params string[] arguments)
    {
        if (arguments.Contains("--tenant"))
        {
            await TrainAsync("nothing learned", path.Folder.File("train.csv"), "bare");
        }

        CommandResult result = await path.Folder.RunAsync(["tasks", "adapt", .. arguments, .. path.Labelled("adapt.csv")]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetPrior_AfterAFit_IsTheNextVersionAndTasksFollowWhenAdaptedAgain()
    {
        const string tenant = "prior by hand";
        await TrainAsync(tenant, path.Folder.File("train.csv"));
        CommandResult early = await path.Folder.RunAsync(
            ["tasks", "adapt", "small", .. path.Labelled("adapt.csv"), "--tenant", tenant, "--json"]);
        Assert.Contains("prior fit small", early.Error, StringComparison.Ordinal);
        Assert.Equal(2, early.ExitCode);
        JsonElement first = await JsonAsync("prior", "set", "small", "--scale", "0.1", "--noise-variance", "0.01", "--tenant", tenant);
        JsonElement tasks = await JsonAsync(["tasks", "adapt", "small", .. path.Labelled("adapt.csv"), "--tenant", tenant]);
        JsonElement second = await JsonAsync(
            "prior", "set", "small", "--scale", "0.2", "--noise-variance", "0.02", "--mean", "zero", "--tenant", tenant);
        JsonElement again = await JsonAsync(["tasks", "adapt", "small", .. path.Labelled("adapt.csv"), "--tenant", tenant]);

        Assert.Equal(1, first.GetProperty("version").GetInt32());
        Assert.True(first.GetProperty("meanIsSource").GetBoolean());
        Assert.All(first.GetProperty("blockScales").EnumerateArray(), scale => Assert.Equal(0.1, scale.GetDouble()));
        Assert.Equal(2, second.GetProperty("version").GetInt32());
        Assert.False(second.GetProperty("meanIsSource").GetBoolean());
        Assert.Equal(0.02, second.GetProperty("noiseVariance")[0].GetDouble());
        AssertTasks(tasks, version: 1);
        AssertTasks(again, version: 2);

        static void AssertTasks(JsonElement adapted, int version) => Assert.All(adapted.GetProperty("tasks").EnumerateArray(), task =>
        {
            // The same rows a second time are the same observations, not more of them.
            Assert.Equal(25, task.GetProperty("observations").GetInt32());
            Assert.Equal(version, task.GetProperty("posterior").GetProperty("version").GetInt32());
            Assert.Equal(version, task.GetProperty("posterior").GetProperty("priorVersion").GetInt32());
        });
    }

    [Fact]
    public async Task TwoTenants_SameNames_SeeOnlyTheirOwn()
    {
        const string tenant = "another";
        string before = (await JsonAsync("tasks", "list")).ToString();
        Assert.Empty((await JsonAsync("sources", "list", "--tenant", tenant)).GetProperty("sources").EnumerateArray());
        Assert.Empty((await JsonAsync("tasks", "list", "--tenant", tenant)).GetProperty("tasks").EnumerateArray());
        await TrainAsync(tenant, path.Folder.File("train.csv"), WholePathFixture.Source);
        await JsonAsync("prior", "set", WholePathFixture.Source, "--scale", "0.1", "--noise-variance", "0.01", "--tenant", tenant);
        await JsonAsync(["tasks", "adapt", WholePathFixture.Source, .. path.Labelled("adapt.csv"), "--tenant", tenant]);

        JsonElement deleted = await JsonAsync("tasks", "delete", "Lyon, \"Est\" 2", "--tenant", tenant);

        Assert.Equal("Lyon, \"Est\" 2", deleted.GetProperty("deleted").GetString());
        JsonElement left = await JsonAsync("tasks", "list", "--tenant", tenant);
        Assert.Equal(
            [0, 1, 3, 4, 5],
            left.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("name").GetString()![^1] - '0'));
        CommandResult gone = await path.Folder.RunAsync("tasks", "show", "Lyon, \"Est\" 2", "--tenant", tenant);
        Assert.Contains("no task named 'Lyon, \"Est\" 2'", gone.OneLineError(2), StringComparison.Ordinal);
        Assert.Equal(before, (await JsonAsync("tasks", "list")).ToString());
    }

    private Task<JsonElement> TrainAsync(string tenant, string file, string name = "small") => JsonAsync(
        "sources", "train", name, "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--hidden", "8", "--epochs", "5",
        "--tenant", tenant);

    private async Task<JsonElement> JsonAsync(params IEnumerable<string> arguments) =>
        (await path.Folder.RunAsync([.. arguments, "--json"])).Succeeded().Json();
}
