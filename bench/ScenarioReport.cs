using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdaptCluster.Bench;

/// <summary>The figures of one run of one scenario.</summary>
internal sealed record ScenarioReport(string Scenario, string Machine, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether something that must hold did not.</summary>
    [JsonIgnore]
    public bool IsBroken { get; init; }

    public static ScenarioReport Of(string scenario, params Figure[] figures) => new(
        scenario,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores",
        figures);

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    public string ToText()
    {
        var text = new System.Text.StringBuilder();
        text.AppendLine($"{Scenario}  ({Machine})");
        foreach (Figure figure in Figures)
        {
            string floor = figure.Floor is { } bound ? $"  [floor {bound:G4}]" : string.Empty;
            string value = figure.Value is { } number ? $"{number:G5}" : "none";
            text.AppendLine($"  {figure.Name,-34} {value,12} {figure.Unit}{floor}");
            text.AppendLine($"      {figure.Note}");
        }

        return text.ToString().TrimEnd();
    }
}
