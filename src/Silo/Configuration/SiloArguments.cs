using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Silo.Configuration;

/// <summary>The command line of the silo's own program.</summary>
internal static class SiloArguments
{
    /// <exception cref="InvalidInputException">Something is no option, or lacks its value.</exception>
    public static IReadOnlyDictionary<SiloOption, string> Parse(IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<SiloOption, string>();
        for (int i = 0; i < arguments.Count; i++)
        {
            SiloOption? option = SiloOptions.All.FirstOrDefault(known => known.Flag == arguments[i]);
            if (option is null || (!option.IsSwitch && i + 1 == arguments.Count))
            {
                throw new InvalidInputException(
                    $"'{arguments[i]}'", "it is no option or lacks its value", $"use {string.Join(' ', SiloOptions.All.Select(Usage))}");
            }

            given[option] = option.IsSwitch ? bool.TrueString : arguments[++i];
        }

        return given;
    }

    private static string Usage(SiloOption option) => option.IsSwitch ? $"[{option.Flag}]" : $"[{option.Flag} VALUE]";
}
