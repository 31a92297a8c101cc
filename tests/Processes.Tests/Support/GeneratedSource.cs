using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>A generated network of 8 inputs, and rows for it: small tasks, and large ones whose solves take a while.</summary>
internal static class GeneratedSource
{
    public const int Inputs = 8;

    private const int Width = 24;

    /// <summary>Without a preconditioner, so that a task of some thousand rows takes many iterations, on all of three silos.</summary>
    public static AdaptOptions LongSolve { get; } = new()
    {
        Space = SolveSpace.ParameterSpace,
        Shards = 3,
        KeepsFactors = false,
        Preconditioner = SolvePreconditioning.None,
    };

    public static async Task<SourceHandle> RegisterAsync(AdaptClient client, CancellationToken cancellationToken)
    {
        var random = new Random(3);
        int parameters = (Inputs * Width) + Width + (Width * Width) + Width + Width + 1;
        SourceHandle source = client.Source("generated");
        await source.RegisterAsync(
            new SourceRegistration
            {
                Schema = InputSchema.Numeric([.. Enumerable.Range(0, Inputs).Select(i => $"x{i}")]),
                Targets = ["y"],
                Network = NetworkDescription.Mlp(Inputs, [Width, Width], 1, "tanh"),
                Weights = TensorPayload.FromVector([.. Enumerable.Range(0, parameters).Select(_ => (float)(random.NextDouble() - 0.5))]),
            },
            cancellationToken);
        await source.SetPriorAsync(new PriorSetting(0.05, 1, MeanIsSource: true), cancellationToken);
        return source;
    }

    /// <summary>Rows; the same seed gives the same.</summary>
    public static LabelledRows Rows(int count, int seed)
    {
        var random = new Random(seed);
        double[] inputs = [.. Enumerable.Range(0, count * Inputs).Select(_ => (2 * random.NextDouble()) - 1)];
        double[] targets = [.. Enumerable.Range(0, count).Select(i => Math.Sin(3 * inputs[i * Inputs]) + (0.3 * random.NextDouble()))];
        return new LabelledRows(new Rows(count, Inputs, inputs), new Rows(count, 1, targets));
    }
}
