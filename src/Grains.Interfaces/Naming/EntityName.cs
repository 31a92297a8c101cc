using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Interfaces.Naming;

/// <summary>What tenants, sources and tasks may be called: 1 to 200 characters, none of them a control character.</summary>
public static class EntityName
{
    /// <summary>The longest name, in UTF-16 characters.</summary>
    public const int MaxLength = 200;

    /// <summary>Returns the name if it may be used.</summary>
    /// <exception cref="InvalidInputException">It is empty, too long, or has control characters or outer blanks.</exception>
    public static string Require(string? name, string what)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new InvalidInputException(what, "the name is empty", $"give a name of 1 to {MaxLength} characters");
        }

        if (name.Length > MaxLength)
        {
            throw new InvalidInputException(what, $"the name has {name.Length} characters", $"use at most {MaxLength}");
        }

        if (name.Any(char.IsControl) || char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]))
        {
            throw new InvalidInputException(
                what, $"the name '{name.Trim()}' has control characters or blanks at an end", "remove them");
        }

        return name;
    }
}
