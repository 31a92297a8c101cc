using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// One shard of a solve: holds (or computes again) the factors or kernel rows of its rows and answers a coordinator's requests. Nothing in it is lost
/// that the same rows would not give again. Owns everything on its device; one thread at a time.
/// </summary>
public sealed class SolveShard : IDisposable
{
    private readonly IShardMathematics _mathematics;

    private SolveShard(IShardMathematics mathematics) => _mathematics = mathematics;

    /// <summary>The memory that it holds, in bytes.</summary>
    public long Bytes => _mathematics.Bytes;

    /// <summary>Prepares a shard; it computes with the first request.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="plan">The solve's plan.</param>
    /// <param name="shard">Which of the plan's shards.</param>
    /// <param name="data">Parameter space: the shard's own rows. Kernel rows: all rows; of these only the inputs are used.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">Something does not fit, or outputs are independent: they are solved one by one, directly.</exception>
    public static SolveShard Create(SourceModel model, torch.Device device, Prior prior, SolvePlan plan, int shard, TaskData data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(data);
        SolveChecks.Require(model, prior, plan);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, plan.Shards.Length);
        int rows = plan.Layout == SolveLayout.KernelRows ? plan.Rows : plan.Shards[shard].Count;
        if (data.Rows != rows)
        {
            throw new ArgumentException($"Shard {shard} needs {rows} rows, but has {data.Rows}.", nameof(data));
        }

        return new SolveShard(plan.Layout == SolveLayout.KernelRows
            ? new KernelShard(model, device, prior, plan, plan.Shards[shard], data.Inputs)
            : new ParameterShard(model, device, prior, plan, plan.Shards[shard], data));
    }

    /// <summary>Prepares a shard of a panel, which has inputs only; kernel rows.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="plan">The solve's plan, of kernel rows.</param>
    /// <param name="shard">Which of the plan's shards.</param>
    /// <param name="inputs">The shared inputs, [n, d], in the data's units.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    public static SolveShard CreatePanel(SourceModel model, torch.Device device, Prior prior, SolvePlan plan, int shard, RowMatrix inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(inputs);
        SolveChecks.Require(model, prior, plan);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, plan.Shards.Length);
        return plan.Layout == SolveLayout.KernelRows && inputs.Rows == plan.Rows
            ? new SolveShard(new KernelShard(model, device, prior, plan, plan.Shards[shard], inputs))
            : throw new ArgumentException($"A panel's shard needs a plan of kernel rows for its {inputs.Rows} rows.", nameof(plan));
    }

    /// <summary>Starts on a request. The caller advances it to its end before the next, and disposes it.</summary>
    /// <exception cref="ArgumentException">The request does not fit this shard.</exception>
    public ShardWork Start(ShardRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new ShardWork(_mathematics.Answer(request));
    }

    /// <inheritdoc/>
    public void Dispose() => _mathematics.Dispose();
}
