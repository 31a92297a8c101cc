using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace AdaptCluster.Bench.Scale;

/// <summary>An <see cref="UploadClient"/> as a process. Disposing kills it, by its id.</summary>
internal sealed class UploadProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly CancellationTokenSource _stop = new();
    private Task? _reading;

    private UploadProcess(Process process) => _process = process;

    /// <summary>The rows that it said are durable, first and last.</summary>
    public (int First, int Last) Durable { get; private set; }

    /// <summary>Megabytes: when it was connected, and the most since.</summary>
    public (double Idle, double Peak) Memory { get; private set; }

    /// <summary>What else it said.</summary>
    public string Words { get; private set; } = string.Empty;

    public static UploadProcess Start(string? data, int rows, IPEndPoint gateway)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(UploadProcess).Assembly.Location);
        }

        string[] arguments =
        [
            "scale", "--part", UploadClient.Part, "--rows", rows.ToString(CultureInfo.InvariantCulture), "--gateway", gateway.ToString(),
            .. data is null ? (string[])[] : ["--data", Path.GetFullPath(data)],
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        var client = new UploadProcess(Process.Start(start) ?? throw new InvalidOperationException($"'{start.FileName}' did not start."));
        client._process.OutputDataReceived += (_, _) => { };
        client._process.BeginOutputReadLine();
        client._reading = client.ReadAsync();
        return client;
    }

    /// <summary>Waits until so many rows are durable, or the client has ended.</summary>
    public async Task ReachAsync(int rows, CancellationToken cancellationToken)
    {
        while (Durable.Last < rows && !_process.HasExited)
        {
            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="InvalidOperationException">It did not end well.</exception>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading!;
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException($"A client ended with {_process.ExitCode}:\n{Words}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _stop.CancelAsync();
        await _reading!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync(_stop.Token) is { } line)
        {
            if (line == UploadClient.Connected)
            {
                double idle = ProcessMemory.Resident(_process.Id);
                Memory = (idle, idle);
            }
            else if (line.StartsWith(UploadClient.Durable, StringComparison.Ordinal))
            {
                int rows = int.Parse(line.AsSpan(UploadClient.Durable.Length), CultureInfo.InvariantCulture);
                Durable = (Durable.First == 0 ? rows : Durable.First, rows);
                Memory = (Memory.Idle, Math.Max(Memory.Peak, ProcessMemory.Peak(_process.Id)));
            }
            else
            {
                Words += $"{line}\n";
            }
        }
    }
}
