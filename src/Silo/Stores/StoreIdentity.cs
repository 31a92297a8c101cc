using AdaptCluster.Grains.Interfaces.Errors;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// One random name in the Redis server and in the tensor folder: a silo that was given another folder than its peers
/// would not find what their records refer to, and is refused.
/// </summary>
internal static class StoreIdentity
{
    private const string Key = "adapt/tensors";
    private const string FileName = "store.id";

    /// <summary>Compares the two; the first silo creates the folder and writes both names.</summary>
    /// <remarks>The folder's name is written first and read last: a server that has one has it from a folder that had it.</remarks>
    /// <exception cref="InvalidInputException">The folder is not this server's, or cannot be used.</exception>
    public static async Task RequireSameAsync(IConnectionMultiplexer connection, string folder)
    {
        IDatabase database = connection.GetDatabase();
        string? ofServer = await database.StringGetAsync(Key);
        try
        {
            if (ofServer is null)
            {
                await database.StringSetAsync(Key, ReadOrCreate(folder), when: When.NotExists);
                ofServer = await database.StringGetAsync(Key);
            }

            if (Read(folder) != ofServer)
            {
                throw new InvalidInputException(
                    "--tensors", $"'{folder}' is not the folder of this Redis server's other silos", "name the folder that they use");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                "--tensors", $"'{folder}' cannot be used ({error.Message.TrimEnd('.')})", "name a folder that this user may write");
        }
    }

    private static string? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    /// <remarks>Moved into place without overwriting: of silos that start together, one's name is everybody's.</remarks>
    private static string ReadOrCreate(string folder)
    {
        if (Read(folder) is { } name)
        {
            return name;
        }

        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
        File.WriteAllText(temporary, $"{Guid.NewGuid():N}");
        try
        {
            File.Move(temporary, Path.Combine(folder, FileName), overwrite: false);
        }
        catch (IOException) when (Read(folder) is not null)
        {
            File.Delete(temporary);
        }

        return Read(folder)!;
    }
}
