using System.Collections.Immutable;

namespace AdaptCluster.Grains.Tasks;

/// <summary>Some of the names of a source's tasks, in ordinal order.</summary>
[GenerateSerializer, Immutable, Alias("adapt.TaskIndexState")]
internal sealed record TaskIndexState([property: Id(0)] ImmutableArray<string> Names);
