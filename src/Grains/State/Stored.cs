namespace AdaptCluster.Grains.State;

/// <summary>The record that a store keeps: a value, or nothing.</summary>
[GenerateSerializer, Alias("adapt.Stored`1")]
internal sealed record Stored<T>
    where T : class
{
    /// <summary>The value; null if there is none.</summary>
    [Id(0)]
    public T? Value { get; init; }
}
