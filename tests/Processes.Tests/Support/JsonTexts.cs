using System.Text.Json;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>JSON as text that can be compared.</summary>
internal static class JsonTexts
{
    /// <summary>The same document without the blanks that its depth gave it.</summary>
    public static string Unindented(this string json) => JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(json));
}
