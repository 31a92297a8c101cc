using System.Net;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Tenants;

namespace AdaptCluster.Silo;

/// <summary>
/// How one silo runs. It keeps what lasts in a data directory of its own (the default), or, with <see cref="Redis"/> and
/// <see cref="TensorDirectory"/>, where other silos keep it too, or, with <see cref="Join"/>, in the data directory of another silo: then
/// they are one cluster.
/// </summary>
public sealed class SiloSettings
{
    private const string DefaultDataDirectory = ".adapt";
    private const int LongestDrain = 110;

    /// <summary>Everything that lasts is under this folder; one process at a time serves it. Default <c>./.adapt</c>; not with Redis.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The Redis server that all silos of the cluster use, as host:port. Default null: the embedded store.</summary>
    public string? Redis { get; init; }

    /// <summary>The folder of tensor files that all silos on the Redis server share. Only with Redis, and needed there.</summary>
    public string? TensorDirectory { get; init; }

    /// <summary>Whether a Redis server may be used that would lose acknowledged writes. Only with Redis. Default false.</summary>
    public bool AllowVolatileStore { get; init; }

    /// <summary>
    /// The port at which the embedded store serves silos that <see cref="Join"/> it; 0 for any free one. Default null: it serves this silo
    /// only.
    /// </summary>
    public int? StorePort { get; init; }

    /// <summary>The store of another silo, as host:port, with that silo's <see cref="StorePort"/>: this silo is one of its cluster. Default null.</summary>
    public string? Join { get; init; }

    /// <summary>
    /// A file whose first line is what silos must know to join the store, 16 characters or more; the same for all of them. Needed with an
    /// address of the network.
    /// </summary>
    public string? StoreSecretFile { get; init; }

    /// <summary>
    /// The address that clients and other silos connect to. Default loopback: this machine only. What is sent there is neither
    /// encrypted nor asked who it is: give another address only in a network that is trusted.
    /// </summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The address that is listened on. Default null: <see cref="Address"/>.</summary>
    public IPAddress? Listen { get; init; }

    /// <summary>The port that clients connect to; 0 for any free one. Default 0.</summary>
    public int Port { get; init; }

    /// <summary>The port that other silos connect to; 0 for any free one. Default 0.</summary>
    public int SiloPort { get; init; }

    /// <summary>The port that is listened on for clients, where something in between translates ports. Default null: <see cref="Port"/>.</summary>
    public int? ListenPort { get; init; }

    /// <summary>The port that is listened on for silos, where something in between translates ports. Default null: <see cref="SiloPort"/>.</summary>
    public int? ListenSiloPort { get; init; }

    /// <summary>The port of the health endpoints; 0 for any free one. Default null: there are none.</summary>
    public int? HealthPort { get; init; }

    /// <summary>How long what is under way may take to end after the silo was asked to, in seconds. Default 25; at most 110.</summary>
    public int DrainSeconds { get; init; } = 25;

    /// <summary>What this process is to others that want the same data directory.</summary>
    public required SiloRole Role { get; init; }

    /// <summary>Writes traces and metrics to standard output. Default false.</summary>
    public bool ConsoleTelemetry { get; init; }

    /// <summary>The device and its budgets.</summary>
    public DeviceOptions Device { get; init; } = new();

    /// <summary>The periods and sizes of iterative solves.</summary>
    public SolveOptions Solves { get; init; } = new();

    /// <summary>What every tenant may have at most. Default: no quotas.</summary>
    public QuotaOptions Quotas { get; init; } = new();

    internal string DataDirectoryOrDefault => DataDirectory ?? DefaultDataDirectory;

    /// <summary>What it is built as; tests say otherwise.</summary>
    internal BuildDescription Build { get; init; } = BuildDescription.Current;

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">One cannot be used.</exception>
    public void Validate()
    {
        if (Join is not null)
        {
            ValidateJoin(Join);
        }
        else if (Redis is not null)
        {
            ValidateRedis(Redis);
        }
        else
        {
            ValidateEmbedded();
        }

        ValidateSharing();
        ValidateEndpoints();
        Device.Validate();
        Solves.Validate();
        Quotas.Validate();
    }

    private void ValidateEndpoints()
    {
        RequirePort("--port", Port);
        RequirePort("--silo-port", SiloPort);
        RequirePort("--health-port", HealthPort ?? 0);
        RequirePort("--store-port", StorePort ?? 0);
        RequireListener("--listen-port", ListenPort, "--port", Port);
        RequireListener("--listen-silo-port", ListenSiloPort, "--silo-port", SiloPort);
        int[] given = [.. new[] { Port, SiloPort, HealthPort ?? 0, StorePort ?? 0 }.Where(port => port != 0)];
        if (given.Distinct().Count() != given.Length)
        {
            throw new InvalidInputException("--port", "two of --port, --silo-port, --health-port and --store-port are the same", "give each one of its own");
        }

        if (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any))
        {
            throw new InvalidInputException("--address", $"nobody can connect to {Address}", "give this machine's own address, and 'any' to --listen");
        }

        if (DrainSeconds is < 1 or > LongestDrain)
        {
            throw new InvalidInputException("--drain-seconds", $"it is {DrainSeconds}", $"give a number from 1 to {LongestDrain}");
        }
    }

    private static void RequireListener(string option, int? port, string others, int asked)
    {
        if (port is null)
        {
            return;
        }

        RequirePort(option, port.Value);
        if (port == 0 || asked == 0)
        {
            throw new InvalidInputException(option, "it goes with a port that is known to others", $"give both, it and {others}");
        }
    }

    private static void RequirePort(string option, int port)
    {
        if (port is < 0 or > ushort.MaxValue)
        {
            throw new InvalidInputException(option, $"{port} is no port", "give a number from 1 to 65535, or 0 for any free one");
        }
    }

    private void ValidateEmbedded()
    {
        if (DataDirectory is not null && string.IsNullOrWhiteSpace(DataDirectory))
        {
            throw new InvalidInputException("--data-dir", "it is empty", "name a folder");
        }

        if (TensorDirectory is not null)
        {
            throw new InvalidInputException(
                "--tensors", "the embedded store keeps tensors in its data directory", "leave it out, or name a server with --redis");
        }

        if (AllowVolatileStore)
        {
            throw new InvalidInputException("--allow-volatile-store", "the embedded store is durable", "leave it out, or name a server with --redis");
        }
    }

    private void ValidateRedis(string server)
    {
        if (!IsServer(server))
        {
            throw new InvalidInputException("--redis", $"'{server}' is not host:port", "name the server as in 127.0.0.1:6379");
        }

        if (DataDirectory is not null)
        {
            throw new InvalidInputException("--data-dir", "with --redis, what lasts is in the server and in --tensors", "leave it out");
        }

        if (string.IsNullOrWhiteSpace(TensorDirectory))
        {
            throw new InvalidInputException("--tensors", "--redis needs it", "name a folder that all silos of the cluster share");
        }
    }

    private void ValidateJoin(string store)
    {
        if (!IsServer(store))
        {
            throw new InvalidInputException("--join", $"'{store}' is not host:port", "name a silo's --address and --store-port, as in 10.0.0.5:6400");
        }

        (string Option, bool IsGiven)[] others =
        [
            ("--data-dir", DataDirectory is not null), ("--redis", Redis is not null), ("--tensors", TensorDirectory is not null),
            ("--allow-volatile-store", AllowVolatileStore), ("--store-port", StorePort is not null),
        ];
        if (Array.Find(others, other => other.IsGiven) is { Option: not null } given)
        {
            throw new InvalidInputException(given.Option, "with --join, what lasts is in the silo that has the store", "leave it out");
        }

        if (IPAddress.IsLoopback(Address) && !IsOfThisMachine(store))
        {
            throw new InvalidInputException("--address", $"the silos of {store} do not reach this one at {Address}", "give this machine's own address in their network");
        }
    }

    private void ValidateSharing()
    {
        if (StorePort is not null && Redis is not null)
        {
            throw new InvalidInputException("--store-port", "with --redis there is no store of the silo's own", "leave it out");
        }

        if (StoreSecretFile is not null && StorePort is null && Join is null)
        {
            throw new InvalidInputException("--store-secret", "the store serves this silo only", "leave it out, or give --store-port or --join");
        }

        if (StorePort is not null && StoreSecretFile is null && !IPAddress.IsLoopback(Listen ?? Address))
        {
            throw new InvalidInputException(
                "--store-port", $"whoever reaches {Listen ?? Address} could read and change everything", "name a file with a secret by --store-secret, at all silos");
        }
    }

    private static bool IsServer(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && !text.AsSpan().ContainsAny(" ,/=") && ushort.TryParse(text.AsSpan(colon + 1), out ushort port) && port != 0;
    }

    private static bool IsOfThisMachine(string server) =>
        server[..server.LastIndexOf(':')] is var host && (host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address)));
}
