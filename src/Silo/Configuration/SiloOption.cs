namespace AdaptCluster.Silo.Configuration;

/// <summary>One option of a silo, by the one name that flag, environment variable and setting are made of.</summary>
/// <param name="Name">As in <c>data-dir</c>: words of small letters.</param>
/// <param name="Description">What it does, with its default, in one line.</param>
/// <param name="IsSwitch">Whether the flag takes no value.</param>
public sealed record SiloOption(string Name, string Description, bool IsSwitch = false)
{
    /// <summary>On the command line, as in <c>--data-dir</c>.</summary>
    public string Flag => $"--{Name}";

    /// <summary>In the environment, as in <c>ADAPT_DATA_DIR</c>.</summary>
    public string Variable => SiloOptions.VariablePrefix + Name.Replace('-', '_').ToUpperInvariant();

    /// <summary>In the section "Adapt" of a file, as in <c>DataDir</c>; capitals do not matter.</summary>
    public string Setting => string.Concat(Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
