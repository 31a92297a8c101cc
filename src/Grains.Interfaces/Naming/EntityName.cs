using System.Buffers;
using System.Text;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Interfaces.Naming;

/// <summary>What tenants, sources and tasks may be called: 1 to 200 characters of well-formed UTF-16, none of them a control character.</summary>
public static class EntityName
{
    /// <summary>The longest name, in UTF-16 characters.</summary>
    public const int MaxLength = 200;

    /// <summary>Returns the name if it may be used.</summary>
    /// <exception cref="InvalidInputException">It is empty, too long, ill-formed, or has control characters or outer blanks.</exception>
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
                what, $"the name '{OneLine(name)}' has control characters or blanks at an end", "remove them");
        }

        if (!IsWellFormed(name))
        {
            // Half of a surrogate pair has no UTF-8: two such names would be one key.
            throw new InvalidInputException(what, $"the name '{OneLine(name)}' has half of a character", "remove it");
        }

        return name;
    }

    private static bool IsWellFormed(string name)
    {
        ReadOnlySpan<char> rest = name;
        while (Rune.DecodeFromUtf16(rest, out _, out int consumed) == OperationStatus.Done)
        {
            rest = rest[consumed..];
        }

        return rest.IsEmpty;
    }

    /// <summary>As it can stand in a message: no line breaks, no halves of characters.</summary>
    private static string OneLine(string name) =>
        string.Concat(name.Trim().EnumerateRunes().Select(rune => Rune.IsControl(rune) ? " " : rune.ToString()));
}
