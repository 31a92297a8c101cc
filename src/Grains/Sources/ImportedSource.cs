using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Sources;

/// <summary>What an import is about to register.</summary>
/// <param name="Model">The network with its standardisations.</param>
/// <param name="Schema">The input columns.</param>
/// <param name="Targets">The names of the targets.</param>
/// <param name="IsPositional">Whether the columns are counted and not named.</param>
internal sealed record ImportedSource(SourceModel Model, InputSchema Schema, ImmutableArray<string> Targets, bool IsPositional);
