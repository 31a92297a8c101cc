using System.CommandLine;
using System.Globalization;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Commands;

/// <summary>Ranges of options, checked before anything is read or started.</summary>
internal static class OptionChecks
{
    public static int Positive(this CommandContext context, Option<int> option)
    {
        int value = context.Get(option);
        return value > 0 ? value : throw new InvalidInputException(option.Name, $"it is {value}", "give a whole number of at least 1");
    }

    public static int NotNegative(this CommandContext context, Option<int> option)
    {
        int value = context.Get(option);
        return value >= 0 ? value : throw new InvalidInputException(option.Name, $"it is {value}", "give a whole number of at least 0");
    }

    public static double Positive(this CommandContext context, Option<double> option)
    {
        double value = context.Get(option);
        return value > 0 && double.IsFinite(value)
            ? value
            : throw new InvalidInputException(option.Name, $"it is {value}", "give a number above 0");
    }

    /// <summary>Widths as in <c>64,64</c>; every one at least 1.</summary>
    public static IReadOnlyList<int> Widths(this CommandContext context, Option<string> option) => WholeNumbers(context, option, "width", "64,64");

    /// <summary>Numbers of rows as in <c>5,10</c>; every one at least 1, ascending.</summary>
    public static IReadOnlyList<int> Counts(this CommandContext context, Option<string> option)
    {
        List<int> counts = WholeNumbers(context, option, "number of rows", "5,10");
        return counts.Count > 0
            ? [.. counts.Distinct().Order()]
            : throw new InvalidInputException(option.Name, "it names no number of rows", "give whole numbers of at least 1, as in 5,10");
    }

    private static List<int> WholeNumbers(CommandContext context, Option<string> option, string what, string example)
    {
        string text = context.Get(option);
        var widths = new List<int>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int width) || width == 0)
            {
                throw new InvalidInputException(option.Name, $"'{part}' is no {what}", $"give whole numbers of at least 1, as in {example}");
            }

            widths.Add(width);
        }

        return widths;
    }

    /// <summary>Names as in <c>a,b</c>; null if the option is not given.</summary>
    public static IReadOnlyList<string>? Names(this CommandContext context, Option<string?> option)
    {
        string? text = context.Find(option);
        if (text is null)
        {
            return null;
        }

        string[] names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 ? names : throw new InvalidInputException(option.Name, "it names no column", "give names, as in a,b");
    }

    /// <summary>One of a few words.</summary>
    public static string OneOf(this CommandContext context, Option<string> option, params ReadOnlySpan<string> words)
    {
        string value = context.Get(option);
        foreach (string word in words)
        {
            if (value == word)
            {
                return value;
            }
        }

        throw new InvalidInputException(option.Name, $"'{value}' is not known", $"use {string.Join(" or ", words.ToArray())}");
    }

    /// <summary>Whether the command line has the option, rather than its default.</summary>
    public static bool IsGiven(this CommandContext context, Option option) => context.Parse.GetResult(option) is { Implicit: false };

    /// <summary>At most one of two options that say the same in different ways.</summary>
    public static void RequireOneOf(this CommandContext context, Option one, Option other)
    {
        if (context.IsGiven(one) && context.IsGiven(other))
        {
            throw new InvalidInputException(other.Name, $"{one.Name} says that already", "use one of them");
        }
    }

    /// <summary>A shape as in <c>12</c> or <c>3x32x32</c>; empty if the option is not given.</summary>
    public static IReadOnlyList<int> Shape(this CommandContext context, Option<string?> option)
    {
        if (context.Find(option) is not { } text)
        {
            return [];
        }

        var shape = new List<int>();
        foreach (string part in text.Split('x'))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length == 0)
            {
                throw new InvalidInputException(option.Name, $"'{text}' is no shape", "give whole numbers of at least 1, as in 12 or 3x32x32");
            }

            shape.Add(length);
        }

        return shape;
    }
}
