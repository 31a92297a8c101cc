using System.Globalization;
using System.Net;

namespace AdaptCluster.Bench;

/// <summary>What the command line says beside the scenario's name.</summary>
internal sealed record ScenarioOptions
{
    /// <summary>A smaller run of the same kind, for where minutes count.</summary>
    public bool Short { get; init; }

    /// <summary>How many silos are killed, one after the other; null for as many as the scenario's figures ask for.</summary>
    public int? Kills { get; init; }

    /// <summary>The file of flights; null for the sample that comes along.</summary>
    public string? Data { get; init; }

    /// <summary>Where a figure is written as PNG; null for nowhere.</summary>
    public string? Figure { get; init; }

    /// <summary>One part of the scenario instead of all; null for all.</summary>
    public string? Part { get; init; }

    /// <summary>One size instead of all; null for all.</summary>
    public int? Rows { get; init; }

    /// <summary>How many tasks; null for as many as the scenario is about.</summary>
    public int? Tasks { get; init; }

    /// <summary>Where a silo takes clients, of a run that is a client of another one; null elsewhere.</summary>
    public IPEndPoint? Gateway { get; init; }

    /// <summary>How long faults go on.</summary>
    public double Minutes { get; init; } = 20;

    /// <summary>Which store the silos have: redis or embedded.</summary>
    public string Store { get; init; } = "redis";

    /// <summary>Whether a part of the scenario is to run.</summary>
    public bool Includes(string part) => Part is null || Part == part;

    /// <returns>Null where the arguments cannot be read; <paramref name="rest"/> is what is no option.</returns>
    public static ScenarioOptions? Parse(string[] arguments, out string[] rest)
    {
        var names = new List<string>();
        ScenarioOptions? options = new();
        for (int i = 0; options is not null && i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (argument == "--short")
            {
                options = options with { Short = true };
            }
            else if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                options = ++i < arguments.Length ? options.With(argument, arguments[i]) : null;
            }
            else
            {
                names.Add(argument);
            }
        }

        rest = [.. names];
        return options;
    }

    private ScenarioOptions? With(string name, string value) => name switch
    {
        "--data" => this with { Data = value },
        "--figure" => this with { Figure = value },
        "--part" => this with { Part = value },
        "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out double minutes) && minutes > 0 => this with { Minutes = minutes },
        "--store" when value is "redis" or "embedded" => this with { Store = value },
        "--kills" when int.TryParse(value, out int kills) && kills > 0 => this with { Kills = kills },
        "--tasks" when int.TryParse(value, out int tasks) && tasks > 0 => this with { Tasks = tasks },
        "--gateway" when IPEndPoint.TryParse(value, out IPEndPoint? gateway) => this with { Gateway = gateway },
        "--rows" when int.TryParse(value, out int rows) && rows > 1 => this with { Rows = rows },
        _ => null,
    };
}
