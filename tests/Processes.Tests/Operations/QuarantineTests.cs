using System.Text.Json;
using AdaptCluster.Processes.Tests.Crashes;
using AdaptCluster.Processes.Tests.Sharing;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Operations;

/// <summary>A task that ends its process by a native abort: three times, and then no more until a person says so.</summary>
[Collection(nameof(OneDirectory))]
public sealed class QuarantineTests(CrashFixture directory)
{
    /// <summary>SIGABRT, as a shell and the runtime say it.</summary>
    private const int Aborted = 134;

    private const int Attempts = 3;

    private static readonly KeyValuePair<string, string>[] s_hooked =
        [new("DOTNET_STARTUP_HOOKS", Path.Combine(AppContext.BaseDirectory, "AdaptCluster.AbortHook.dll"))];

    [Fact]
    public async Task Adapt_AbortsThreeTimes_QuarantinedOthersGoOnAndReleaseLetsItBeAdapted()
    {
        using DataFolder folder = directory.Folder.Copy();
        string poison = Write(folder, "poison.csv", StartupHook.Poisonous);
        string both = Write(folder, "both.csv", StartupHook.Poisonous, "healthy");
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            await using ChildProcess process = ChildProcess.StartWith(s_hooked, Executables.Adapt, AdaptArguments(folder, poison));
            Assert.Equal(Aborted, (await process.EndAsync()).ExitCode);
        }

        // What it did to three processes it does to no fourth, also where it still would.
        await using ChildProcess fourth = ChildProcess.StartWith(s_hooked, Executables.Adapt, AdaptArguments(folder, both));
        CommandResult partly = await fourth.EndAsync();
        JsonElement poisonous = await ShowAsync(folder, StartupHook.Poisonous);
        JsonElement healthy = await ShowAsync(folder, "healthy");
        CommandResult shown = (await folder.RunAsync("tasks", "show", StartupHook.Poisonous)).Succeeded();

        Assert.Equal(1, partly.ExitCode);
        Assert.Contains("is quarantined: 3 attempts to adapt it ended with the silo", partly.Error, StringComparison.Ordinal);
        Assert.Equal("quarantined", poisonous.GetProperty("status").GetString());
        Assert.Equal("ready", healthy.GetProperty("status").GetString());
        Assert.Contains("Quarantined: 3 attempts to adapt it ended with the silo", shown.Out, StringComparison.Ordinal);

        (await folder.RunAsync("tasks", "release", StartupHook.Poisonous)).Succeeded();
        (await folder.RunAsync(["tasks", "adapt", CrashFixture.Source, "--data", poison, "--target", Bakeries.Target, "--task", Bakeries.Task])).Succeeded();
        Assert.Equal("ready", (await ShowAsync(folder, StartupHook.Poisonous)).GetProperty("status").GetString());
    }

    private static string[] AdaptArguments(DataFolder folder, string file) =>
    [
        "tasks", "adapt", CrashFixture.Source, "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--data-dir", folder.DataDirectory,
    ];

    private static string Write(DataFolder folder, string name, params string[] shops) => folder.Write(
        name, Bakeries.Csv(shops.SelectMany(shop => Bakeries.Orders(7, 1, 10, "x").Select(order => order with { Shop = shop }))));

    private static async Task<JsonElement> ShowAsync(DataFolder folder, string task) =>
        (await folder.RunAsync("tasks", "show", task, "--json")).Succeeded().Json();
}
