using AdaptCluster.Processes.Tests.Crashes;

namespace AdaptCluster.Processes.Tests.Sharing;

/// <summary>Tests that take one data directory from each other, one after the other.</summary>
[CollectionDefinition(nameof(OneDirectory))]
public sealed class OneDirectory : ICollectionFixture<CrashFixture>;
