namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>Runs one comparison of methods. Keyed by <see cref="Naming.ComparisonKey"/>; keeps nothing.</summary>
[Alias("adapt.IComparisonGrain")]
public interface IComparisonGrain : IGrainWithStringKey
{
    /// <summary>Compares, and says how far it has come; the last update has the result. Whoever stops listening ends it.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    /// <exception cref="Errors.InvalidInputException">The data or an option cannot be used.</exception>
    /// <exception cref="Errors.AdaptationFailedException">A network could not be trained, or a fleet's prior not be learned.</exception>
    [Alias("Run")]
    IAsyncEnumerable<ComparisonUpdate> RunAsync(ComparisonRequest request, CancellationToken cancellationToken = default);
}
