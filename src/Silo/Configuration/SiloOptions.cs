namespace AdaptCluster.Silo.Configuration;

/// <summary>Every option of a silo. The command, the silo's own program and the documentation have no others.</summary>
public static class SiloOptions
{
    internal const string VariablePrefix = "ADAPT_";

    /// <summary>The file of settings: only on the command line and in the environment.</summary>
    public static SiloOption Config { get; } = new("config", "A JSON file whose section \"Adapt\" holds any of the other options.");

    /// <summary>The data directory of the embedded store.</summary>
    public static SiloOption DataDirectory { get; } = new("data-dir", "The folder that holds everything that lasts. Default ./.adapt; not with --redis.");

    /// <summary>The shared server.</summary>
    public static SiloOption Redis { get; } = new(
        "redis", "The Redis server, as host:port, that several silos share as one cluster; instead of a data directory.");

    /// <summary>The shared folder.</summary>
    public static SiloOption Tensors { get; } = new("tensors", "The folder of tensor files that the silos on the Redis server share.");

    /// <summary>Accepts loss.</summary>
    public static SiloOption AllowVolatileStore { get; } = new(
        "allow-volatile-store", "Accepts a Redis server that may lose acknowledged writes.", IsSwitch: true);

    /// <summary>For silos that join the embedded store.</summary>
    public static SiloOption StorePort { get; } = new(
        "store-port", "The port at which the embedded store serves silos that --join it, on the address that is listened on; 0 for any free one. Default: none.");

    /// <summary>The embedded store of another silo.</summary>
    public static SiloOption Join { get; } = new("join", "The store of another silo, its --address:--store-port, instead of a data directory: both are one cluster.");

    /// <summary>For those that join.</summary>
    public static SiloOption StoreSecret { get; } = new("store-secret", "A file with the secret, 16 characters or more, that silos must have to join the store.");

    /// <summary>What others connect to.</summary>
    public static SiloOption Address { get; } = new(
        "address", "The address or host name that clients and other silos reach this silo by. Default 127.0.0.1: this machine only.");

    /// <summary>What it binds to.</summary>
    public static SiloOption Listen { get; } = new("listen", "The address that is listened on, or 'any' for all. Default: that of --address.");

    /// <summary>For clients.</summary>
    public static SiloOption Port { get; } = new("port", "The port for clients; 0 for any free one. Default 0.");

    /// <summary>For silos.</summary>
    public static SiloOption SiloPort { get; } = new("silo-port", "The port for other silos; 0 for any free one. Default 0.");

    /// <summary>Behind a translation of ports.</summary>
    public static SiloOption ListenPort { get; } = new("listen-port", "The port that is listened on for clients, where others reach it as --port. Default: that.");

    /// <summary>Behind a translation of ports.</summary>
    public static SiloOption ListenSiloPort { get; } = new(
        "listen-silo-port", "The port that is listened on for silos, where others reach it as --silo-port. Default: that.");

    /// <summary>For probes.</summary>
    public static SiloOption HealthPort { get; } = new(
        "health-port", "The port that answers /health/live and /health/ready over HTTP; 0 for any free one. Default: none.");

    /// <summary>How long ending may take.</summary>
    public static SiloOption DrainSeconds { get; } = new("drain-seconds", "How long what is under way may take to end after SIGTERM. Default 25.");

    /// <summary>What computes.</summary>
    public static SiloOption Device { get; } = new("device", "What computes: cpu, cuda or cuda:N. Default cpu.");

    /// <summary>Of the device.</summary>
    public static SiloOption Threads { get; } = new("threads", "Threads of the device. Default: the processors of the machine.");

    /// <summary>For solves.</summary>
    public static SiloOption SolveMemoryMb { get; } = new("solve-memory-mb", "Megabytes of memory for iterative solves. Default: half of the machine's.");

    /// <summary>A quota.</summary>
    public static SiloOption TenantTasks { get; } = new("tenant-tasks", "The most tasks that a tenant may have. Default: any number.");

    /// <summary>A quota.</summary>
    public static SiloOption TenantMb { get; } = new("tenant-mb", "The most megabytes of observations that a tenant may have. Default: any number.");

    /// <summary>A quota.</summary>
    public static SiloOption TenantSolves { get; } = new("tenant-solves", "The most adaptations of a tenant at a time. Default: any number.");

    /// <summary>To standard output.</summary>
    public static SiloOption TelemetryConsole { get; } = new("telemetry-console", "Writes traces and metrics to standard output.", IsSwitch: true);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SiloOption> All { get; } =
    [
        Config, DataDirectory, Redis, Tensors, AllowVolatileStore, StorePort, Join, StoreSecret, Address, Listen, Port, SiloPort, ListenPort,
        ListenSiloPort, HealthPort, DrainSeconds, Device, Threads, SolveMemoryMb, TenantTasks, TenantMb, TenantSolves, TelemetryConsole,
    ];
}
