using System.Net;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;

namespace AdaptCluster.Silo.Stores;

/// <summary>How an embedded store is opened to silos that join it.</summary>
/// <param name="Listen">Where it listens for them.</param>
/// <param name="Reached">What they reach it by.</param>
/// <param name="Secret">What they have to know; null on this machine's own address only.</param>
/// <param name="Build">What this silo is: those of another protocol are refused.</param>
internal sealed record StoreSharing(IPEndPoint Listen, IPEndPoint Reached, string? Secret, BuildDescription Build)
{
    private const int ShortestSecret = 16;

    /// <summary>As the settings say; null where the store serves its own silo only.</summary>
    /// <exception cref="InvalidInputException">The secret cannot be read, or is too short.</exception>
    public static StoreSharing? Of(SiloSettings settings)
    {
        if (settings.StorePort is not { } asked)
        {
            return null;
        }

        int port = asked == 0 ? FreePorts.Next() : asked;
        return new StoreSharing(
            new IPEndPoint(settings.Listen ?? settings.Address, port), new IPEndPoint(settings.Address, port), ReadSecret(settings.StoreSecretFile), settings.Build);
    }

    /// <summary>The first line of a file; null for no file.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or is too short.</exception>
    public static string? ReadSecret(string? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            string secret = File.ReadLines(file).FirstOrDefault(string.Empty).Trim();
            return secret.Length >= ShortestSecret
                ? secret
                : throw new InvalidInputException(
                    "--store-secret", $"the first line of '{file}' has {secret.Length} characters", $"write at least {ShortestSecret} there, the same for all silos");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("--store-secret", $"'{file}' cannot be read ({error.Message.TrimEnd('.')})", "name a file that can be");
        }
    }
}
