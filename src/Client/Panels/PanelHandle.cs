using AdaptCluster.Client.Data;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Panels;

namespace AdaptCluster.Client.Panels;

/// <summary>One panel: inputs that many targets share, solved together. Cheap to make, thread-safe.</summary>
public sealed class PanelHandle
{
    private const int MaxElementsPerCall = 1 << 17;

    private readonly IGrainFactory _grains;

    internal PanelHandle(IGrainFactory grains, PanelKey key)
    {
        _grains = grains;
        Key = key;
    }

    /// <summary>Which panel.</summary>
    public PanelKey Key { get; }

    private IPanelGrain Grain => _grains.GetGrain<IPanelGrain>(Key.ToString());

    /// <summary>Creates the panel; its inputs are durable when this returns, and never change. The same inputs again are harmless.</summary>
    /// <param name="inputs">The shared inputs, <c>[n, d]</c>, encoded by the source's schema; n c at most <see cref="IPanelGrain.MaxObservations"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotFoundException">There is no such source.</exception>
    /// <exception cref="AlreadyExistsException">There is such a panel with other inputs.</exception>
    /// <exception cref="InvalidInputException">Shape, size or a number cannot be used, or no solve of it would fit the memory.</exception>
    public async Task<PanelDescription> CreateAsync(Rows inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if ((long)inputs.Count > IPanelGrain.MaxObservations)
        {
            // Said before the rows travel; the grain has the last word.
            throw new InvalidInputException($"panel '{Key.Panel}'", $"it has {inputs.Count:N0} rows", $"give at most {IPanelGrain.MaxObservations:N0}, or adapt larger tasks one by one");
        }

        return await Grain.CreateAsync(await StagedUpload.SendInputsAsync(_grains, inputs, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Adds targets, or gives those of a name that is there new values: a target is what the newest call with its name said, whole.
    /// Durable when this returns. Repeating the call after a failure, or with the values that the targets have, changes nothing.
    /// </summary>
    /// <param name="targets">The targets; consumed batch by batch.</param>
    /// <param name="batchId">Names the call: with a name that the panel has seen it changes nothing, whatever came after. Default: a new one.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>How many targets the panel has now.</returns>
    /// <exception cref="NotFoundException">There is no such panel.</exception>
    /// <exception cref="InvalidInputException">Shape, size, a name or a number cannot be used; batches before it were kept.</exception>
    public async Task<int> ObserveAsync(IEnumerable<PanelTargetRows> targets, string? batchId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targets);
        int held = 0;
        foreach (PanelBatch batch in PanelBatches.Cut(targets, batchId ?? Guid.NewGuid().ToString("N")))
        {
            held = (await Grain.ObserveAsync(batch, cancellationToken)).Targets;
        }

        return held > 0 ? held : throw new InvalidInputException("targets", "there are none", "give at least one");
    }

    /// <summary>Solves all targets that are newer than their posterior, and waits for it; what was solved is durable when this returns.</summary>
    /// <param name="progress">Told where the solve stands.</param>
    /// <param name="cancellationToken">Gives up waiting; the solve goes on.</param>
    /// <returns>The panel; <see cref="PanelDescription.NotConverged"/> counts the targets that have no posterior of their newest values.</returns>
    /// <exception cref="NotFoundException">There is no such panel, or its source has no prior.</exception>
    /// <exception cref="InvalidInputException">The prior has independent outputs, or a solve does not fit the memory.</exception>
    /// <exception cref="AdaptationFailedException">A block failed as a whole.</exception>
    /// <exception cref="QuarantinedException">Solving it ended with the silo too often.</exception>
    public Task<PanelDescription> AdaptAsync(IProgress<PanelProgress>? progress = null, CancellationToken cancellationToken = default) =>
        PanelWait.AdaptAsync(Grain, Key.Panel, progress, cancellationToken);

    /// <summary>Predicts mean and variance of rows for one target, from its last good solution.</summary>
    /// <exception cref="NotFoundException">There is no such target, or it has no solution.</exception>
    public async Task<Prediction> PredictAsync(string target, Rows inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var parts = new List<Prediction>();
        int most = Math.Max(1, MaxElementsPerCall / inputs.Width);
        for (int start = 0; start == 0 || start < inputs.Count; start += most)
        {
            parts.Add(Prediction.From(await Grain.PredictAsync(
                target, Payloads.Of(inputs, start, Math.Min(most, inputs.Count - start)), cancellationToken)));
        }

        return Prediction.Concatenate(parts);
    }

    /// <summary>Where the solve stands, now and whenever that changes, until nothing is being solved.</summary>
    /// <exception cref="NotFoundException">There is no such panel.</exception>
    public IAsyncEnumerable<PanelProgress> WatchAsync(CancellationToken cancellationToken = default) => PanelWait.WatchAsync(Grain, cancellationToken);

    /// <summary>Describes the panel.</summary>
    /// <exception cref="NotFoundException">There is no such panel.</exception>
    public Task<PanelDescription> DescribeAsync(CancellationToken cancellationToken = default) => Grain.DescribeAsync(cancellationToken);

    /// <summary>Describes one target.</summary>
    /// <exception cref="NotFoundException">There is no such panel or target.</exception>
    public Task<PanelTargetDescription> DescribeTargetAsync(string target, CancellationToken cancellationToken = default) =>
        Grain.DescribeTargetAsync(target, cancellationToken);

    /// <summary>Describes all targets, by name in ordinal order.</summary>
    /// <exception cref="NotFoundException">There is no such panel.</exception>
    public async Task<IReadOnlyList<PanelTargetDescription>> ListTargetsAsync(CancellationToken cancellationToken = default) =>
        await Grain.ListTargetsAsync(cancellationToken);

    /// <summary>Deletes the panel with its targets and solutions; a solve is given up.</summary>
    /// <exception cref="NotFoundException">There is no such panel.</exception>
    public Task DeleteAsync(CancellationToken cancellationToken = default) => Grain.DeleteAsync(cancellationToken);
}
