using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace AdaptCluster.Tests.Shared;

/// <summary>
/// A TCP proxy on a loopback port that can be cut (what is under way is lost in silence, and nothing more comes through) or slow (what
/// clients send arrives late).
/// </summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    /// <summary>Blocks under way in one direction.</summary>
    private const int Blocks = 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IPEndPoint> _target;
    private readonly List<Socket> _sockets = [];
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private volatile bool _isCut;
    private long _delayTicks;

    /// <param name="target">Where it leads, asked anew for each connection.</param>
    public FaultyLink(Func<IPEndPoint> target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>How long whatever a client sends is under way; what follows it may be under way meanwhile. Default none.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

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
            await WhileCutAsync();
            await server.ConnectAsync(_target(), _stop.Token);
            await Task.WhenAny(PumpAsync(client, server, isSlow: true), PumpAsync(server, client, isSlow: false));
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

    private async Task PumpAsync(Socket from, Socket to, bool isSlow)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, long Sent, TimeSpan Delay)>(Blocks);
        Task arriving = ArriveAsync(underWay.Reader, to);
        byte[] buffer = new byte[64 << 10];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                await underWay.Writer.WriteAsync((buffer[..read], Stopwatch.GetTimestamp(), isSlow ? Delay : TimeSpan.Zero), _stop.Token);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended.
        }

        underWay.Writer.Complete();
        await arriving;
    }

    private async Task ArriveAsync(ChannelReader<(byte[] Bytes, long Sent, TimeSpan Delay)> underWay, Socket to)
    {
        try
        {
            await foreach ((byte[] bytes, long sent, TimeSpan delay) in underWay.ReadAllAsync(_stop.Token))
            {
                TimeSpan left = delay - Stopwatch.GetElapsedTime(sent);
                if (left > TimeSpan.Zero)
                {
                    await Task.Delay(left, _stop.Token);
                }

                await WhileCutAsync();
                for (int done = 0; done < bytes.Length;)
                {
                    done += await to.SendAsync(bytes.AsMemory(done), _stop.Token);
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended.
        }
    }

    // As a network does: no answer, not even a refusal.
    private async Task WhileCutAsync()
    {
        while (_isCut)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), _stop.Token);
        }
    }
}
