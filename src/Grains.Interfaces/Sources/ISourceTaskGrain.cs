using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Tensors;
using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>Owns one source task: network, schema and prior. Keyed by <see cref="Naming.SourceKey"/>.</summary>
[Alias("adapt.ISourceTaskGrain")]
public interface ISourceTaskGrain : IGrainWithStringKey
{
    /// <summary>Trains a network and registers it. Nothing is registered before the last update.</summary>
    /// <exception cref="Errors.AlreadyExistsException">The name is taken.</exception>
    /// <exception cref="Errors.InvalidInputException">The data, the network or an option cannot be used.</exception>
    /// <exception cref="Errors.AdaptationFailedException">Training diverged.</exception>
    [Alias("Train")]
    IAsyncEnumerable<TrainingUpdate> TrainAsync(TrainingRequest request, CancellationToken cancellationToken = default);

    /// <summary>Registers a network that was trained elsewhere. Sending the same one again is harmless.</summary>
    /// <exception cref="Errors.AlreadyExistsException">The name is taken by another network.</exception>
    /// <exception cref="Errors.InvalidInputException">The parts do not fit each other.</exception>
    [Alias("Register")]
    Task<SourceDescription> RegisterAsync(SourceRegistration registration, CancellationToken cancellationToken = default);

    /// <summary>Registers the network of a model file. Sending the same one again is harmless; what was staged is removed.</summary>
    /// <exception cref="Errors.AlreadyExistsException">The name is taken by another network.</exception>
    /// <exception cref="Errors.InvalidInputException">The file cannot be used, or does not fit the rest; nothing was changed.</exception>
    [Alias("Import")]
    [ResponseTimeout("00:10:00")]
    Task<SourceDescription> ImportAsync(ImportRequest request, CancellationToken cancellationToken = default);

    /// <summary>Writes the network as a file, in parts.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    /// <exception cref="Errors.InvalidInputException">The network cannot be written so.</exception>
    [Alias("Export")]
    IAsyncEnumerable<TensorPayload> ExportAsync(SourceFormat format, CancellationToken cancellationToken = default);

    /// <summary>
    /// Learns the fleet prior and makes it the current one, as a new version. The fit goes on when its caller leaves, or its silo dies: a call that is
    /// repeated, by its name or with the same data and options, joins it. What was staged is removed when it ends.
    /// </summary>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    /// <exception cref="Errors.InvalidInputException">The data or an option cannot be used, or another fit is under way.</exception>
    /// <exception cref="Errors.AdaptationFailedException">It gave no usable prior.</exception>
    [Alias("FitPrior")]
    IAsyncEnumerable<PriorFitUpdate> FitPriorAsync(PriorFitRequest request, CancellationToken cancellationToken = default);

    /// <summary>Ends the fit that is under way; everything it holds is free when this returns, and the prior in force stays.</summary>
    /// <param name="fit">Which; null for whichever it is.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    [Alias("CancelPriorFit")]
    [AlwaysInterleave]
    Task<bool> CancelPriorFitAsync(Guid? fit = null, CancellationToken cancellationToken = default);

    /// <summary>Takes the end of a fit; ignored unless the source waits for that fit.</summary>
    [Alias("EndPriorFit")]
    [AlwaysInterleave]
    Task EndPriorFitAsync(PriorFitEnd end, CancellationToken cancellationToken = default);

    /// <summary>Sets the prior by hand, as a new version.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    /// <exception cref="Errors.InvalidInputException">A variance is out of range.</exception>
    [Alias("SetPrior")]
    Task<PriorDescription> SetPriorAsync(PriorSetting setting, CancellationToken cancellationToken = default);

    /// <summary>Describes the source.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    [Alias("Describe")]
    [AlwaysInterleave]
    Task<SourceDescription> DescribeAsync(CancellationToken cancellationToken = default);
}
