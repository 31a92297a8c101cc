using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Silo;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Bench.FewShot;

/// <summary>The network of the few-shot measurements as a source of a silo in this process.</summary>
internal static class FewShotSource
{
    public const string Tenant = "bench";
    public const string Name = "fewshot";

    /// <summary>A silo on a new data directory.</summary>
    public static async Task<AdaptSilo> StartSiloAsync(string path)
    {
        var settings = new SiloSettings { DataDirectory = path, Role = SiloRole.Private };
        DataDirectory directory = DataDirectory.TryOpen(path, SiloRole.Private) ?? throw new InvalidOperationException($"'{path}' is in use.");
        return await AdaptSilo.StartAsync(settings, directory);
    }

    /// <summary>A silo over a Redis server.</summary>
    public static Task<AdaptSilo> StartSiloAsync(RedisServer redis, string tensors) =>
        AdaptSilo.StartOverRedisAsync(new SiloSettings { Redis = redis.Address, TensorDirectory = tensors, Role = SiloRole.Shared });

    /// <summary>Registers the network, of dense layers with tanh, and sets its prior.</summary>
    public static async Task<SourceHandle> RegisterAsync(AdaptSilo silo, SourceModel model)
    {
        int inputs = model.Spec.InputWidth;
        SourceHandle source = new AdaptClient(silo.Grains, Tenant).Source(Name);
        await source.RegisterAsync(new SourceRegistration
        {
            Schema = InputSchema.Numeric([.. Enumerable.Range(0, inputs).Select(i => $"x{i}")]),
            Targets = ["y"],
            Network = NetworkDescription.Mlp(inputs, [64, 64], 1, "tanh"),
            Weights = TensorPayload.FromVector(model.Weights.Values),
        });
        await source.SetPriorAsync(new PriorSetting(0.01, 0.1, MeanIsSource: true));
        return source;
    }

    /// <summary>A task's rows as a client has them.</summary>
    public static LabelledRows ToRows(TaskData task) => new(
        new Rows(task.Rows, task.Inputs.Columns, task.Inputs.Values), new Rows(task.Rows, task.Targets.Columns, task.Targets.Values));
}
