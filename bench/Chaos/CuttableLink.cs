using System.Net;
using System.Net.Sockets;

namespace AdaptCluster.Bench.Chaos;

/// <summary>A TCP proxy on a loopback port that can be cut: what is under way is lost in silence, and nothing more comes through.</summary>
internal sealed class CuttableLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IPEndPoint> _target;
    private readonly List<Socket> _sockets = [];
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private volatile bool _isCut;

    /// <param name="target">Where it leads, asked anew for each connection.</param>
    public CuttableLink(Func<IPEndPoint> target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Nothing comes through from now on; who is connected is not told.</summary>
    public void Cut() => _isCut = true;

    /// <summary>Connections that were cut are reset; new ones come through.</summary>
    public void Mend()
    {
        lock (_gate)
        {
            _isCut = false;
            foreach (Socket socket in _sockets)
            {
                socket.Dispose();
            }

            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Mend();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_gate)
        {
            _sockets.Add(client);
            _sockets.Add(server);
        }

        try
        {
            while (_isCut)
            {
                // As a network does: no answer, not even a refusal.
                await Task.Delay(TimeSpan.FromMilliseconds(20), _stop.Token);
            }

            await server.ConnectAsync(_target(), _stop.Token);
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end is gone; the other is told below.
        }
        finally
        {
            lock (_gate)
            {
                _sockets.Remove(client);
                _sockets.Remove(server);
            }

            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                while (_isCut)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), _stop.Token);
                }

                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended.
        }
    }
}
