using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Silo.Tests.Support;

/// <summary>Real silos over a folder.</summary>
internal static class Silos
{
    public static async Task<AdaptSilo> StartAsync(string folder, int port = 0)
    {
        var settings = new SiloSettings { DataDirectory = folder, Role = SiloRole.Private, Port = port, Device = new DeviceOptions { Threads = 1 } };
        DataDirectory directory = DataDirectory.TryOpen(folder, SiloRole.Private) ?? throw new InvalidOperationException($"'{folder}' is in use.");
        return await AdaptSilo.StartAsync(settings, directory);
    }

    /// <summary>Registers the smallest source there is, with a prior.</summary>
    public static async Task<SourceHandle> RegisterAsync(AdaptSilo silo)
    {
        SourceHandle source = new AdaptClient(silo.Grains).Source("source");
        await source.RegisterAsync(new SourceRegistration
        {
            Schema = InputSchema.Numeric("x"),
            Targets = ["y"],
            Network = NetworkDescription.Mlp(1, [2], 1, "tanh"),
            Weights = TensorPayload.FromVector([1, -0.5f, 0.2f, 0.1f, 0.7f, -0.3f, 0.4f]),
        });
        await source.SetPriorAsync(new PriorSetting(0.5, 0.1, MeanIsSource: true));
        return source;
    }

    public static LabelledRows Rows(int count, int seed = 1)
    {
        var random = new Random(seed);
        double[] Numbers() => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        return new LabelledRows(new Rows(count, 1, Numbers()), new Rows(count, 1, Numbers()));
    }
}
