namespace AdaptCluster.Bench.Chaos;

/// <summary>What is done to a cluster.</summary>
internal enum FaultKind
{
    /// <summary>kill -9 of one silo, which is started again some seconds later.</summary>
    KillSilo,

    /// <summary>kill -9 of all silos, which are started again at once.</summary>
    KillAll,

    /// <summary>One silo hangs for some seconds.</summary>
    PauseSilo,

    /// <summary>kill -9 of the Redis server, which is started again some seconds later.</summary>
    RestartStore,

    /// <summary>One silo and the Redis server do not reach each other for some seconds.</summary>
    CutStore,

    /// <summary>Clients do not reach one silo for some seconds.</summary>
    CutClients,
}
