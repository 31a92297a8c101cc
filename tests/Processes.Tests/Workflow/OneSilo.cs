namespace AdaptCluster.Processes.Tests.Workflow;

/// <summary>Tests that share one data directory and its silo, one after the other.</summary>
[CollectionDefinition(nameof(OneSilo))]
public sealed class OneSilo : ICollectionFixture<WholePathFixture>;
