using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Panels;

/// <summary>
/// Target tasks that share one set of inputs, each with what it observed of it, its own noise and its own prior scale. Immutable by contract: the arrays are
/// not copied.
/// </summary>
public sealed class PanelTargets
{
    /// <summary>Puts them together.</summary>
    /// <param name="values">[n, T c] in the data's own units: target t, output o in column t c + o. What was not observed may hold anything finite.</param>
    /// <param name="observed">[n, T] row by row: whether target t observed row i.</param>
    /// <param name="noiseScales">What the prior's noise variance is multiplied by for each target, positive, length T; default all 1.</param>
    /// <param name="priorScales">What the prior's block scales are multiplied by for each target, positive, length T; default all 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, a value is not finite, a factor not positive, or a target observed nothing.</exception>
    public PanelTargets(RowMatrix values, bool[] observed, ImmutableArray<double> noiseScales = default, ImmutableArray<double> priorScales = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(observed);
        if (values.Rows == 0 || observed.Length == 0 || observed.Length % values.Rows != 0)
        {
            throw new ArgumentException($"{observed.Length} marks of what was observed do not fit {values.Rows} rows.", nameof(observed));
        }

        Count = observed.Length / values.Rows;
        if (values.Columns == 0 || values.Columns % Count != 0)
        {
            throw new ArgumentException($"{values.Columns} columns of values do not fit {Count} targets.", nameof(values));
        }

        TaskData.ThrowIfNotFinite(values, nameof(values));
        Values = values;
        Observed = observed;
        NoiseScales = Factors(noiseScales, nameof(noiseScales));
        PriorScales = Factors(priorScales, nameof(priorScales));
        RequireObservations();
    }

    /// <summary>T.</summary>
    public int Count { get; }

    /// <summary>n: the rows of the shared inputs.</summary>
    public int Rows => Values.Rows;

    /// <summary>c.</summary>
    public int Outputs => Values.Columns / Count;

    /// <summary>[n, T c].</summary>
    public RowMatrix Values { get; }

    /// <summary>[n, T].</summary>
    public bool[] Observed { get; }

    /// <summary>Length T.</summary>
    public ImmutableArray<double> NoiseScales { get; }

    /// <summary>Length T.</summary>
    public ImmutableArray<double> PriorScales { get; }

    /// <summary>How many rows a target observed.</summary>
    public int ObservedRows(int target)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, Count);
        int rows = 0;
        for (int i = target; i < Observed.Length; i += Count)
        {
            rows += Observed[i] ? 1 : 0;
        }

        return rows;
    }

    /// <summary>The mask with a row for every number of a target, [n c, T], 0 or 1.</summary>
    internal double[] Mask()
    {
        var mask = new double[(long)Observed.Length * Outputs];
        for (int i = 0; i < Rows * Outputs; i++)
        {
            for (int t = 0; t < Count; t++)
            {
                mask[((long)i * Count) + t] = Observed[(i / Outputs * Count) + t] ? 1 : 0;
            }
        }

        return mask;
    }

    /// <summary>The values standardised, a row for every number of a target, [n c, T].</summary>
    internal double[] Standardised(SourceModel model)
    {
        Standardisation units = model.OutputStandardisation;
        int c = Outputs;
        var result = new double[Values.Values.Length];
        for (int i = 0; i < Rows; i++)
        {
            ReadOnlySpan<double> row = Values.Row(i);
            for (int j = 0; j < row.Length; j++)
            {
                result[((((long)i * c) + (j % c)) * Count) + (j / c)] = (row[j] - units.Mean[j % c]) / units.Scale[j % c];
            }
        }

        return result;
    }

    private ImmutableArray<double> Factors(ImmutableArray<double> factors, string name)
    {
        if (factors.IsDefaultOrEmpty)
        {
            return [.. Enumerable.Repeat(1.0, Count)];
        }

        if (factors.Length != Count)
        {
            throw new ArgumentException($"One factor for each of {Count} targets is needed, not {factors.Length}.", name);
        }

        foreach (double factor in factors)
        {
            if (!double.IsFinite(factor) || factor <= 0)
            {
                throw new ArgumentException($"A target's factor must be finite and positive, but is {factor}.", name);
            }
        }

        return factors;
    }

    private void RequireObservations()
    {
        for (int t = 0; t < Count; t++)
        {
            if (ObservedRows(t) == 0)
            {
                throw new ArgumentException($"Target {t} of the panel (from 0) observed none of its {Rows} rows.", nameof(Observed));
            }
        }
    }
}
