using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AdaptCluster.Tests.Shared;

/// <summary>
/// A Redis server of this process's own: on a free loopback port, over a temporary folder, with every acknowledged write
/// on disk. Disposing ends it, by its id, and removes the folder.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    /// <summary>Why a test that needs one is skipped.</summary>
    public const string NotInstalled = "redis-server is not on the PATH (Debian: apt-get install redis-server)";

    private const int Attempts = 3;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly string? s_executable = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);

    private readonly string _folder = Directory.CreateTempSubdirectory("adapt-redis-").FullName;
    private readonly bool _durable;
    private Process? _process;

    private RedisServer(bool durable) => _durable = durable;

    /// <summary>Whether there is one to start.</summary>
    public static bool IsInstalled => s_executable is not null;

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>As <c>--redis</c> wants it.</summary>
    public string Address => Endpoint.ToString();

    /// <summary>The process, to send it signals.</summary>
    public int ProcessId => (_process ?? throw new InvalidOperationException("It was killed.")).Id;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="durable">False for Redis' own defaults, which lose what was acknowledged.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It is not installed, or does not start.</exception>
    public static async Task<RedisServer> StartAsync(bool durable = true, CancellationToken cancellationToken = default)
    {
        var server = new RedisServer(durable);
        try
        {
            // Another process may take the free port first; then the server ends at once.
            for (int attempt = 1; ; attempt++)
            {
                server.Endpoint = new IPEndPoint(IPAddress.Loopback, FreePort());
                if (await server.TryStartAsync(cancellationToken))
                {
                    return server;
                }

                if (attempt == Attempts)
                {
                    throw new InvalidOperationException("redis-server ends as soon as it is started.");
                }
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
    }

    /// <summary>Starts it again, where it was and over what it has on disk.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (!await TryStartAsync(cancellationToken))
        {
            throw new InvalidOperationException($"redis-server does not start again at {Endpoint}.");
        }
    }

    /// <summary>Sends a command of plain words and waits for its answer.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task CommandAsync(string command, CancellationToken cancellationToken = default)
    {
        string answer = await AskAsync(command, cancellationToken);
        if (answer.StartsWith('-'))
        {
            throw new InvalidOperationException($"'{command}': {answer}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <returns>False when it has ended.</returns>
    private async Task<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(s_executable ?? throw new InvalidOperationException(NotInstalled)) { UseShellExecute = false };
        string[] arguments =
        [
            "--bind", $"{IPAddress.Loopback}", "--port", $"{Endpoint.Port}", "--dir", _folder, "--logfile", Path.Combine(_folder, "log"),
            .. _durable ? (string[])["--appendonly", "yes", "--appendfsync", "always"] : [],
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException($"'{s_executable}' did not start.");
        long started = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                return false;
            }

            if (Stopwatch.GetElapsedTime(started) > s_deadline)
            {
                throw new InvalidOperationException($"redis-server at {Endpoint} does not answer.");
            }

            await Task.Delay(s_poll, cancellationToken);
        }

        return !_process.HasExited;
    }

    /// <summary>While it reads its log it answers something else.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await AskAsync("PING", cancellationToken)).StartsWith("+PONG", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Endpoint, cancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancellationToken);
        byte[] answer = new byte[256];
        int read = await stream.ReadAsync(answer, cancellationToken);
        return Encoding.ASCII.GetString(answer, 0, read).TrimEnd();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
