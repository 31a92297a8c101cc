using System.Collections.Immutable;
using System.Text.RegularExpressions;
using AdaptCluster.Numerics.Errors;

namespace AdaptCluster.Numerics.Networks;

/// <summary>Which parameters of a network are adapted.</summary>
public sealed class ParameterSelection
{
    private readonly bool _lastLayer;
    private readonly ImmutableArray<string> _patterns;

    private ParameterSelection(bool lastLayer, ImmutableArray<string> patterns)
    {
        _lastLayer = lastLayer;
        _patterns = patterns;
    }

    /// <summary>All of them.</summary>
    public static ParameterSelection All { get; } = new(false, []);

    /// <summary>Those of the last node that has any: adaptive Bayesian linear regression on the network's features.</summary>
    public static ParameterSelection LastLayer { get; } = new(true, []);

    /// <summary>
    /// "all", "last", or names and patterns separated by commas: * stands for any characters, as in "layer4.*,fc.weight".
    /// </summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static ParameterSelection Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        string[] patterns = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return patterns switch
        {
            ["all"] => All,
            ["last"] => LastLayer,
            [] => throw new ArgumentException("It names no parameter: give 'all', 'last', or names and patterns.", nameof(text)),
            _ => new ParameterSelection(false, [.. patterns]),
        };
    }

    /// <exception cref="InvalidNetworkException">Nothing is selected, or a pattern selects nothing.</exception>
    internal ImmutableArray<string> FrozenOf(NetworkSpec spec)
    {
        HashSet<string> chosen = _lastLayer ? LastOf(spec) : [.. _patterns.SelectMany(pattern => Matching(spec, pattern))];
        return _lastLayer || !_patterns.IsEmpty ? [.. spec.Blocks.Select(b => b.Name).Where(name => !chosen.Contains(name))] : [];
    }

    private static HashSet<string> LastOf(NetworkSpec spec)
    {
        var names = spec.Blocks.Select(b => b.Name).ToHashSet(StringComparer.Ordinal);
        GraphValue last = spec.Graph.Values.Last(v => v.Tensors.Any(use => names.Contains(use.Name)));
        return [.. last.Tensors.Select(use => use.Name)];
    }

    private static string[] Matching(NetworkSpec spec, string pattern)
    {
        var expression = new Regex($"^{Regex.Escape(pattern).Replace("\\*", ".*")}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        string[] names = [.. spec.Blocks.Select(b => b.Name).Where(name => expression.IsMatch(name))];
        return names.Length > 0
            ? names
            : throw new InvalidNetworkException(null, $"no parameter is called '{pattern}'; there are {string.Join(", ", spec.Blocks.Take(20).Select(b => b.Name))}{(spec.Blocks.Length > 20 ? ", ..." : string.Empty)}");
    }
}
