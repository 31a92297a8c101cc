using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary>What training is told about the columns of its file.</summary>
/// <param name="Target">The target, or several separated by commas.</param>
/// <param name="Features">The input columns by name; null for all others.</param>
/// <param name="Schema">The input columns of a schema file, which may leave vocabularies and lengths open; null without one.</param>
internal sealed record TrainingColumns(string Target, IReadOnlyList<string>? Features, InputSchema? Schema);
