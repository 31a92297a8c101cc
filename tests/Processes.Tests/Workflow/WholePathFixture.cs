using System.Text.Json;
using AdaptCluster.Client;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Workflow;

/// <summary>
/// The whole path on generated orders, once, each command in a process of its own and embedded; then a silo on the same
/// data directory, so that what follows takes a second each.
/// </summary>
public sealed class WholePathFixture : IAsyncLifetime
{
    public const string Source = "bakeries";

    private SiloProcess? _silo;

    internal DataFolder Folder { get; } = new();

    /// <summary>The rows that the tasks were scored on.</summary>
    internal List<Bakeries.Order> Scored { get; private set; } = [];

    internal AdaptClient Client { get; private set; } = null!;

    internal JsonElement Trained { get; private set; }

    internal JsonElement Prior { get; private set; }

    internal JsonElement Adapted { get; private set; }

    internal JsonElement Predicted { get; private set; }

    internal JsonElement Evaluated { get; private set; }

    internal string Predictions => Folder.File("predictions.csv");

    internal string[] Labelled(string file) =>
        ["--data", Folder.File(file), "--target", Bakeries.Target, "--task", Bakeries.Task];

    public async ValueTask InitializeAsync()
    {
        Folder.Write("train.csv", Bakeries.Csv(Bakeries.Orders(1, 12, 60, "old ")));
        List<Bakeries.Order> orders = Bakeries.Orders(2, 6, 45, "Lyon, \"Est\" ");
        Folder.Write("adapt.csv", Bakeries.Csv(orders.Take(6 * 25)));
        Scored = orders[(6 * 25)..];
        Folder.Write("scored.csv", Bakeries.Csv(Scored));
        Trained = await RunAsync([
            "sources", "train", Source, .. Labelled("train.csv"), "--hidden", "16,16", "--epochs", "80", "--batch-size", "64",
            "--learning-rate", "0.01", "--seed", "7"]);
        Prior = await RunAsync(["prior", "fit", Source, .. Labelled("train.csv")]);
        Adapted = await RunAsync(["tasks", "adapt", Source, .. Labelled("adapt.csv")]);
        Predicted = await RunAsync(
            ["predict", Source, "--data", Folder.File("scored.csv"), "--task", Bakeries.Task, "--out", Predictions]);
        Evaluated = await RunAsync(["evaluate", Source, .. Labelled("scored.csv")]);
        _silo = await SiloProcess.StartAsync(Folder.DataDirectory);
        Client = await _silo.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        Folder.Dispose();
    }

    private async Task<JsonElement> RunAsync(string[] arguments) => (await Folder.RunAsync([.. arguments, "--json"])).Succeeded().Json();
}
