using System.Collections;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Silo.Configuration;

/// <summary>What was given of a silo's options, each with where: a flag wins over the environment, and that over the file.</summary>
internal sealed class ConfiguredValues
{
    /// <summary>Variables of the prefix that are not a silo's options.</summary>
    private static readonly string[] s_others = ["ADAPT_LIBTORCH"];

    private readonly Dictionary<SiloOption, (string Text, string Origin)> _values = [];

    private ConfiguredValues()
    {
    }

    /// <summary>Variables of the prefix that nothing reads: perhaps misspelt, perhaps another program's.</summary>
    public IReadOnlyList<string> Unknown { get; private set; } = [];

    /// <param name="flags">The command line.</param>
    /// <param name="environment">The process's variables.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or has a setting that is none.</exception>
    public static ConfiguredValues Read(IReadOnlyDictionary<SiloOption, string> flags, IDictionary environment)
    {
        var values = new ConfiguredValues();
        foreach (SiloOption option in SiloOptions.All)
        {
            if (flags.TryGetValue(option, out string? flag))
            {
                values._values[option] = (flag, option.Flag);
            }
            else if (environment[option.Variable] is string { Length: > 0 } variable)
            {
                values._values[option] = (variable, option.Variable);
            }
        }

        values.Unknown = [.. environment.Keys.Cast<string>()
            .Where(name => name.StartsWith(SiloOptions.VariablePrefix, StringComparison.Ordinal)
                && !s_others.Contains(name) && !SiloOptions.All.Any(option => option.Variable == name))
            .Order(StringComparer.Ordinal)];
        if (values.Text(SiloOptions.Config) is { } file)
        {
            values.AddFile(file);
        }

        return values;
    }

    /// <summary>Where an option was given, as in <c>ADAPT_PORT</c>; null where it was not.</summary>
    public string? OriginOf(string flag) =>
        SiloOptions.All.FirstOrDefault(option => option.Flag == flag) is { } found && _values.TryGetValue(found, out var value) ? value.Origin : null;

    public string? Text(SiloOption option) => _values.TryGetValue(option, out var value) ? value.Text : null;

    public int? Whole(SiloOption option)
    {
        if (!_values.TryGetValue(option, out var value))
        {
            return null;
        }

        return int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InvalidInputException(value.Origin, $"'{value.Text}' is no whole number", "give one, as in 1");
    }

    public bool Switch(SiloOption option)
    {
        if (!_values.TryGetValue(option, out var value))
        {
            return false;
        }

        return bool.TryParse(value.Text, out bool given)
            ? given
            : throw new InvalidInputException(value.Origin, $"'{value.Text}' is neither true nor false", "use one of them");
    }

    /// <summary>An address, also of a host by its name; null where none was given.</summary>
    public IPAddress? Address(SiloOption option)
    {
        if (!_values.TryGetValue(option, out var value))
        {
            return null;
        }

        if (IPAddress.TryParse(value.Text, out IPAddress? address))
        {
            return address;
        }

        try
        {
            IPAddress[] found = Dns.GetHostAddresses(value.Text);
            return found.FirstOrDefault(candidate => candidate.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (Exception error) when (error is SocketException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidInputException(
                value.Origin, $"'{value.Text}' is no address and no host that is known here", "give an address of this machine, as in 10.0.0.5");
        }
    }

    private void AddFile(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                File.ReadAllText(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("Adapt", out JsonElement section)
                || section.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidInputException(SiloOptions.Config.Flag, $"'{path}' has no section \"Adapt\"", "write one, as in { \"Adapt\": { \"Port\": 30000 } }");
            }

            foreach (JsonProperty setting in section.EnumerateObject())
            {
                Add(path, setting);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(SiloOptions.Config.Flag, $"'{path}' cannot be read ({error.Message.TrimEnd('.')})", "name a file that can be");
        }
        catch (JsonException error)
        {
            throw new InvalidInputException(
                SiloOptions.Config.Flag, $"'{path}' is no JSON (line {error.LineNumber + 1})", "mend it, or leave the option out");
        }
    }

    private void Add(string path, JsonProperty setting)
    {
        SiloOption option = SiloOptions.All.FirstOrDefault(
                known => known != SiloOptions.Config && known.Setting.Equals(setting.Name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidInputException(
                SiloOptions.Config.Flag,
                $"'{path}' has a setting \"{setting.Name}\" that is none",
                $"use {string.Join(", ", SiloOptions.All.Skip(1).Select(known => known.Setting))}");
        string text = setting.Value.ValueKind switch
        {
            JsonValueKind.String => setting.Value.GetString()!,
            JsonValueKind.Number => setting.Value.GetRawText(),
            JsonValueKind.True => bool.TrueString,
            JsonValueKind.False => bool.FalseString,
            _ => throw new InvalidInputException($"{option.Setting} of {path}", "it is no text, number, true or false", "give one of these"),
        };
        _values.TryAdd(option, (text, $"{option.Setting} of {path}"));
    }
}
