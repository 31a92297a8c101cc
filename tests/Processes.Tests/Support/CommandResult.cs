using System.Text.Json;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>What a process that has ended left behind.</summary>
internal sealed record CommandResult(string Command, int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as the one document that <c>--json</c> promises; anything beside it is an error.</summary>
    public JsonElement Json()
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Out);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException($"no single JSON document ({error.Message}): {this}", error);
        }
    }

    /// <summary>The result, if the command succeeded.</summary>
    public CommandResult Succeeded()
    {
        Assert.True(ExitCode == 0, ToString());
        return this;
    }

    /// <summary>The error, if it is one line, ends with that exit code, and shows no program's insides.</summary>
    public string OneLineError(int exitCode)
    {
        Assert.True(ExitCode == exitCode, ToString());
        string[] lines = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string line = Assert.Single(lines, line => line.StartsWith("adapt: ", StringComparison.Ordinal));
        Assert.True(lines.Length == 1, $"more than one line: {this}");
        Assert.DoesNotContain("internal error", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        return line;
    }

    public override string ToString() => $"`{Command}` ended with {ExitCode}\nout: {Out}\nerror: {Error}";
}
