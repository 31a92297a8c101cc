using System.Net;
using System.Net.Sockets;
using AdaptCluster.Grains.Interfaces.Errors;
using Garnet;
using Garnet.server;
using Garnet.server.Auth.Settings;
using StackExchange.Redis;
using Tsavorite.core;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Garnet in this process, on a loopback port, and where silos may join it on another one: the Redis protocol over an append-only file
/// in the data directory. A write is in the log, past the page cache, before it is acknowledged.
/// </summary>
internal sealed class EmbeddedStore : IDisposable
{
    private const int MinThreads = 12;

    private readonly GarnetServer _server;
    private readonly string? _secret;

    private EmbeddedStore(GarnetServer server, IPEndPoint endpoint, string? secret)
    {
        _server = server;
        _secret = secret;
        Endpoint = endpoint;
    }

    public IPEndPoint Endpoint { get; }

    /// <summary>Starts the store and replays its log.</summary>
    /// <param name="path">The folder of its log and checkpoints.</param>
    /// <param name="memoryBytes">For all records.</param>
    /// <param name="sharing">How other silos join it; null for not at all.</param>
    /// <exception cref="InvalidInputException">The port for silos that join is taken.</exception>
    /// <exception cref="StoreException">The log is damaged.</exception>
    public static EmbeddedStore Start(string path, long memoryBytes, StoreSharing? sharing = null)
    {
        RequireFree(sharing);
        Directory.CreateDirectory(path);
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePorts.Next());
        GarnetServer? server = null;
        try
        {
            UseThreads();
            server = new GarnetServer(Options(path, endpoint, memoryBytes, sharing));
            server.Start();
            return new EmbeddedStore(server, endpoint, sharing?.Secret);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A damaged log is replayed until something in it makes no sense, and that can be anything, a bare Exception too.
            server?.Dispose();
            throw new StoreException(
                $"the store in '{path}' is damaged ({FirstLine(error.Message)}); restore the data directory from a backup, or name another one.",
                isRetryable: false);
        }
    }

    /// <summary>How to connect to it.</summary>
    public ConfigurationOptions Connection() => new()
    {
        EndPoints = { Endpoint },
        Password = _secret,
        AbortOnConnectFail = false,
        ConnectRetry = 3,
        ClientName = "adapt",
    };

    public void Dispose() => _server.Dispose(deleteDir: false);

    /// <remarks>
    /// All records are in memory, which is taken as it is needed; what is on disk is for the next start: a log that is cut by a checkpoint
    /// at 128 MB. A storage tier would keep less in memory, but what it had on disk could not always be read again after a kill -9.
    /// Lua in transaction mode is what Orleans' Redis storage needs for its etags.
    /// </remarks>
    private static GarnetServerOptions Options(string path, IPEndPoint endpoint, long memoryBytes, StoreSharing? sharing) => new()
    {
        EndPoints = sharing is null ? [endpoint] : [endpoint, sharing.Listen],
        AuthSettings = sharing?.Secret is { } secret ? new PasswordAuthenticationSettings(secret) : null,
        CheckpointDir = path,
        Recover = true,
        FailOnRecoveryError = true,
        QuietMode = true,
        EnableAOF = true,
        WaitForCommit = true,
        AofMemorySize = "32m",
        AofPageSize = "8m",
        AofSegmentSize = $"{LogDigest.SegmentBytes}",
        AofSizeLimit = "128m",
        LogMemorySize = $"{memoryBytes}",
        PageSize = "4m",
        IndexMemorySize = "16m",
        EnableLua = true,
        LuaTransactionMode = true,
        LuaOptions = new LuaOptions(
            LuaMemoryManagementMode.Native, string.Empty, Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, [], null),
        DeviceType = DeviceType.RandomAccess,
        DeviceFactoryCreator = new LocalStorageNamedDeviceFactoryCreator(deviceType: DeviceType.RandomAccess),
    };

    // Garnet would say so in the words of a damaged log.
    private static void RequireFree(StoreSharing? sharing)
    {
        try
        {
            using var listener = sharing is null ? null : new TcpListener(sharing.Listen);
            listener?.Start();
        }
        catch (SocketException error)
        {
            throw new InvalidInputException("--store-port", $"{sharing!.Listen} cannot be listened on ({error.Message})", "name another port, or an address of this machine");
        }
    }

    // Each connection of Garnet's holds a thread of the pool until its write is on disk. On two cores two such writes held all of them, and everything in
    // the process stood still for some 0.7 s, until the pool gave itself another one.
    private static void UseThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, MinThreads), Math.Max(completions, MinThreads));
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim().TrimEnd('.');
}
