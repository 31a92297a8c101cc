using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Crashes;

/// <summary>A data directory with one source of two numeric inputs and a prior, served by nobody.</summary>
public sealed class CrashFixture : IAsyncLifetime
{
    public const string Source = "prices";

    internal DataFolder Folder { get; } = new();

    public async ValueTask InitializeAsync()
    {
        string file = Folder.Write("train.csv", Bakeries.Csv(Bakeries.Orders(3, 10, 40, "old ")));
        (await Folder.RunAsync(
            "sources", "train", Source, "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task,
            "--features", "weight_g,hour", "--hidden", "16,16", "--epochs", "30", "--learning-rate", "0.01")).Succeeded();
        (await Folder.RunAsync("prior", "set", Source, "--scale", "0.05", "--noise-variance", "0.05")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
