using System.Net.Sockets;
using System.Text;

namespace AdaptCluster.Silo.Stores;

/// <summary>Asks a store whether it lets in who knows a secret: the client library reports a wrong one as a server that does not answer.</summary>
internal static class StoreDoor
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether it lets in.</summary>
    /// <param name="server">As host:port.</param>
    /// <param name="secret">What is said; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It does not answer.</exception>
    public static async Task<bool> LetsInAsync(string server, string? secret, CancellationToken cancellationToken = default)
    {
        int colon = server.LastIndexOf(':');
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(server[..colon].Trim('[', ']'), ushort.Parse(server.AsSpan(colon + 1)), patience.Token);
            NetworkStream stream = client.GetStream();
            return (secret is null || await IsAcceptedAsync(stream, patience.Token, "AUTH", secret)) && await IsAcceptedAsync(stream, patience.Token, "PING");
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{server} does not answer.", error);
        }
    }

    private static async Task<bool> IsAcceptedAsync(NetworkStream stream, CancellationToken cancellationToken, params string[] words)
    {
        string command = $"*{words.Length}\r\n{string.Concat(words.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"))}";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command), cancellationToken);
        byte[] answer = new byte[256];
        int read = await stream.ReadAsync(answer, cancellationToken);
        return read > 0 && answer[0] != (byte)'-';
    }
}
