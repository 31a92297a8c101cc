using System.Collections.Immutable;

namespace AdaptCluster.Grains.Sources;

/// <summary>The names of a tenant's sources, in ordinal order.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SourceIndexState")]
internal sealed record SourceIndexState([property: Id(0)] ImmutableArray<string> Names);
