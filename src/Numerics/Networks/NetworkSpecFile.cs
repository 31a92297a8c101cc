using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptCluster.Numerics.Errors;

namespace AdaptCluster.Numerics.Networks;

/// <summary>A network's structure as JSON: docs/network-spec.md describes the format.</summary>
public static class NetworkSpecFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectRequiredConstructorParameters = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 32,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>One line of JSON; equal networks give equal lines.</summary>
    public static string ToJson(NetworkSpec spec) => JsonSerializer.Serialize(spec, Options);

    /// <summary>Reads a network.</summary>
    /// <exception cref="InvalidNetworkException">It is no JSON, has an unknown property or operation, or the network cannot be.</exception>
    public static NetworkSpec Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return JsonSerializer.Deserialize<NetworkSpec>(json, Options) ?? throw new InvalidNetworkException(null, "the text is 'null'");
        }
        catch (JsonException error)
        {
            throw new InvalidNetworkException(null, $"the text cannot be read at {error.Path ?? "its start"} (line {error.LineNumber + 1}): {error.Message.Split(" Path:")[0].TrimEnd('.')}");
        }
        catch (NotSupportedException error)
        {
            throw new InvalidNetworkException(null, $"the text cannot be read: {error.Message.Split(" Path:")[0].TrimEnd('.')}");
        }
    }
}
