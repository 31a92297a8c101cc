namespace AdaptCluster.Bench;

/// <summary>What the command line says beside the scenario's name.</summary>
/// <param name="Short">A smaller run of the same kind, for where minutes count.</param>
/// <param name="Kills">How many silos are killed, one after the other.</param>
internal sealed record ScenarioOptions(bool Short, int Kills)
{
    private const int DefaultKills = 30;

    /// <returns>Null where the arguments cannot be read; <paramref name="rest"/> is what is no option.</returns>
    public static ScenarioOptions? Parse(string[] arguments, out string[] rest)
    {
        var names = new List<string>();
        var options = new ScenarioOptions(Short: false, DefaultKills);
        rest = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--short":
                    options = options with { Short = true };
                    break;
                case "--kills":
                    if (++i == arguments.Length || !int.TryParse(arguments[i], out int kills) || kills < 1)
                    {
                        return null;
                    }

                    options = options with { Kills = kills };
                    break;
                default:
                    names.Add(arguments[i]);
                    break;
            }
        }

        rest = [.. names];
        return options;
    }
}
