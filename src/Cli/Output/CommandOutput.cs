using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace AdaptCluster.Cli.Output;

/// <summary>
/// Where a command writes: with <c>--json</c> one document on standard output and everything else on standard error,
/// without it text and tables on standard output, progress and errors on standard error.
/// </summary>
internal sealed class CommandOutput
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly TextWriter _out;
    private readonly TextWriter _error;
    private readonly IAnsiConsole _console;

    public CommandOutput(bool json, TextWriter standardOutput, TextWriter standardError)
    {
        IsJson = json;
        _out = standardOutput;
        _error = standardError;
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(standardOutput) });
        Error = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(standardError) });
        if (!_console.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            _console.Profile.Width = 160;
        }
    }

    public bool IsJson { get; }

    /// <summary>Standard error, for bars.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>Writes a value as it looks in every JSON that this program writes.</summary>
    public static string ToJson(object document) => JsonSerializer.Serialize(document, s_json);

    /// <summary>A document with one more property, unless that is null.</summary>
    public static object With(object document, string name, object? value)
    {
        JsonNode node = JsonSerializer.SerializeToNode(document, s_json)!;
        if (value is not null)
        {
            node[name] = JsonSerializer.SerializeToNode(value, s_json);
        }

        return node;
    }

    /// <summary>The command's one document; nothing without <c>--json</c>.</summary>
    public void Document(object document)
    {
        if (IsJson)
        {
            _out.WriteLine(ToJson(document));
        }
    }

    /// <summary>A line for a person; nothing with <c>--json</c>.</summary>
    public void Line(string text)
    {
        if (!IsJson)
        {
            _out.WriteLine(text);
        }
    }

    /// <summary>A table for a person; nothing with <c>--json</c>.</summary>
    public void Table(Table table)
    {
        if (!IsJson)
        {
            _console.Write(table);
        }
    }

    /// <summary>One line about how it goes, on standard error; not broken at the width of a terminal, so that scripts find it whole.</summary>
    public void Note(string text) => _error.WriteLine(text.ReplaceLineEndings(" "));

    /// <summary>Several lines on standard error for whoever looks into a failure.</summary>
    public void Details(string text) => _error.WriteLine(text);
}
