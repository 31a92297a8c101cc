using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>
/// Owns one panel: inputs that many targets share, what each target observed of them, and the solutions. Keyed by
/// <see cref="Naming.PanelKey"/>.
/// </summary>
[Alias("adapt.IPanelGrain")]
public interface IPanelGrain : IGrainWithStringKey
{
    /// <summary>The most rows times outputs of a panel's inputs.</summary>
    const int MaxObservations = 16_384;

    /// <summary>The most targets of a panel.</summary>
    const int MaxTargets = 16_384;

    /// <summary>The most targets that are solved in one block; fewer where the memory for solves is small.</summary>
    const int MaxBlock = 1_024;

    /// <summary>The fewest rows that a target has to observe: with one, noise and function cannot be told apart.</summary>
    const int MinObserved = 2;

    /// <summary>Creates the panel; its inputs are durable when this returns, and never change. The same inputs again are harmless.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    /// <exception cref="Errors.AlreadyExistsException">There is such a panel with other inputs.</exception>
    /// <exception cref="Errors.InvalidInputException">Shape, size or a number cannot be used, or no solve of it would fit the memory.</exception>
    [Alias("Create")]
    [ResponseTimeout("00:05:00")]
    Task<PanelDescription> CreateAsync(StagedInputs inputs, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds targets, or gives those of a name that is there new values: a target is what the newest batch with its name says, whole.
    /// Durable when this returns; a batch that the panel has taken, or that says what its targets are already, changes nothing.
    /// </summary>
    /// <exception cref="Errors.NotFoundException">There is no such panel.</exception>
    /// <exception cref="Errors.InvalidInputException">Shape, size, a name or a number cannot be used.</exception>
    [Alias("Observe")]
    Task<PanelReceipt> ObserveAsync(PanelBatch batch, CancellationToken cancellationToken = default);

    /// <summary>
    /// Begins to solve all targets that are newer than their posterior, or whose posterior has another prior than the source has now;
    /// returns at once. Those that are observed meanwhile join the next block, which begins by itself.
    /// </summary>
    /// <exception cref="Errors.NotFoundException">There is no such panel, or its source has no prior.</exception>
    /// <exception cref="Errors.InvalidInputException">The prior has independent outputs, or a solve does not fit the memory.</exception>
    /// <exception cref="Errors.QuarantinedException">Earlier attempts ended with the silo.</exception>
    [Alias("Adapt")]
    Task<PanelDescription> AdaptAsync(CancellationToken cancellationToken = default);

    /// <summary>Tells where the solve stands, now and whenever that changes, until nothing is being solved; the last says so.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such panel.</exception>
    [Alias("Watch")]
    IAsyncEnumerable<PanelProgress> WatchAsync(CancellationToken cancellationToken = default);

    /// <summary>Predicts for one target from its last good solution, also while a new one is being computed.</summary>
    /// <param name="target">The target's name.</param>
    /// <param name="inputs">Encoded by the source's schema, in the data's own units: <c>[m, d]</c>, Float64.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Errors.NotFoundException">There is no such target, or it has no solution.</exception>
    /// <exception cref="Errors.InvalidInputException">Shape, size or a number cannot be used.</exception>
    /// <exception cref="Errors.BusyException">The device takes no more work now.</exception>
    [Alias("Predict")]
    [AlwaysInterleave]
    Task<PredictionResult> PredictAsync(string target, TensorPayload inputs, CancellationToken cancellationToken = default);

    /// <summary>Describes the panel.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such panel.</exception>
    [Alias("Describe")]
    [AlwaysInterleave]
    Task<PanelDescription> DescribeAsync(CancellationToken cancellationToken = default);

    /// <summary>Describes one target.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such panel or target.</exception>
    [Alias("DescribeTarget")]
    [AlwaysInterleave]
    Task<PanelTargetDescription> DescribeTargetAsync(string target, CancellationToken cancellationToken = default);

    /// <summary>Describes all targets, by name in ordinal order.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such panel.</exception>
    [Alias("ListTargets")]
    [AlwaysInterleave]
    Task<ImmutableArray<PanelTargetDescription>> ListTargetsAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes inputs, targets and solutions, durably; a solve is given up.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such panel.</exception>
    [Alias("Delete")]
    Task DeleteAsync(CancellationToken cancellationToken = default);
}
