using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace AdaptCluster.Bench.Clusters;

/// <summary>One silo as a process of this run's own, by the command that lies beside it. Disposing ends it, by its id.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    private const int End = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly string s_suffix = OperatingSystem.IsWindows() ? ".exe" : string.Empty;

    private readonly Process _process;
    private readonly StringBuilder _error = new();

    private SiloProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint Gateway { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Of its process.</summary>
    public int Id => _process.Id;

    /// <summary>What it wrote.</summary>
    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    /// <summary>Starts one and waits until it serves.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not serve in time; with what it wrote.</exception>
    public static async Task<SiloProcess> StartAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, $"adapt{s_suffix}"))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments.Prepend("silo"))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"'{start.FileName}' did not start.");
        var silo = new SiloProcess(process);
        try
        {
            await silo.ReadyAsync(cancellationToken);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>SIGSTOP: it hangs.</summary>
    public void Pause() => Signal(Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(Continue);

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal(End);

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Ready().Match(Error) is { Success: true } ready)
            {
                Gateway = IPEndPoint.Parse(ready.Groups["gateway"].Value);
                return;
            }

            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(cancellationToken);
                throw new InvalidOperationException($"A silo ended with {_process.ExitCode} instead of serving:\n{Error}");
            }

            if (Stopwatch.GetElapsedTime(started) > s_deadline)
            {
                throw new InvalidOperationException($"A silo does not serve after {s_deadline}:\n{Error}");
            }

            await Task.Delay(s_poll, cancellationToken);
        }
    }

    private void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            _ = SendSignal(_process.Id, signal);
        }
    }

    private void Append(string? line)
    {
        lock (_error)
        {
            _error.Append(line).Append('\n');
        }
    }

    [GeneratedRegex(@"silo ready: gateway (?<gateway>[^\s,]+), .*\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ready();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
