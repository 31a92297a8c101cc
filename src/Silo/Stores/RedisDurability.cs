using AdaptCluster.Grains.Interfaces.Errors;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>Whether a Redis server keeps what it acknowledges: Redis' own defaults do not.</summary>
internal static class RedisDurability
{
    /// <summary>An acknowledged write is in the log and on disk, also while the log is rewritten, and nothing is evicted.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Required { get; } =
    [
        ("appendonly", "yes"),
        ("appendfsync", "always"),
        ("no-appendfsync-on-rewrite", "no"),
        ("maxmemory-policy", "noeviction"),
    ];

    /// <exception cref="InvalidInputException">The server would lose acknowledged writes, or does not say.</exception>
    public static async Task RequireAsync(IConnectionMultiplexer connection, string server)
    {
        var wrong = new List<(string Name, string Value, string Found)>();
        foreach ((string name, string value) in Required)
        {
            string found = await ReadAsync(connection.GetDatabase(), name);
            if (found != value)
            {
                wrong.Add((name, value, found));
            }
        }

        if (wrong.Count > 0)
        {
            throw new InvalidInputException(
                "--redis",
                $"{server} would lose acknowledged writes ({string.Join(", ", wrong.Select(entry => $"{entry.Name} is {entry.Found}"))})",
                $"set {string.Join(", ", wrong.Select(entry => $"'{entry.Name} {entry.Value}'"))} in its configuration, "
                + "or accept the loss with --allow-volatile-store");
        }
    }

    private static async Task<string> ReadAsync(IDatabase database, string name)
    {
        try
        {
            RedisResult[] answer = (RedisResult[]?)await database.ExecuteAsync("CONFIG", "GET", name) ?? [];
            return answer.Length == 2 ? $"{answer[1]}" : "not known";
        }
        catch (RedisServerException)
        {
            // A server that lets nobody ask; whoever runs it has to vouch for it.
            return "not told";
        }
    }
}
