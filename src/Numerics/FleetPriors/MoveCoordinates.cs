using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// A prior with shift and directions as one vector: the logarithms of scales and noise, then [U, d0], [p, r + 1] row by row, in units of the prior deviation
/// that each parameter had before there were directions. In these units a step along the gradient is what expectation-maximisation would do.
/// </summary>
internal sealed class MoveCoordinates
{
    private readonly NetworkSpec _spec;
    private readonly Prior _base;
    private readonly int _scales;
    private readonly double[] _units; // [p]

    /// <param name="spec">The network.</param>
    /// <param name="scales">One scale, or one per block.</param>
    /// <param name="fitted">The fleet's prior without directions.</param>
    /// <param name="least">Per block the smallest variance that counts as a unit: one that went to nothing may be what the directions are to take up.</param>
    /// <param name="rank">r.</param>
    internal MoveCoordinates(NetworkSpec spec, FleetScales scales, Prior fitted, IReadOnlyList<double> least, int rank)
    {
        _spec = spec;
        _base = fitted;
        _scales = scales == FleetScales.Single ? 1 : spec.Blocks.Length;
        Rank = rank;
        _units = new double[spec.ParameterCount];
        for (int b = 0; b < spec.Blocks.Length; b++)
        {
            _units.AsSpan(spec.Blocks[b].Offset, spec.Blocks[b].Count).Fill(Math.Sqrt(Math.Max(fitted.BlockScales[b], least[b])));
        }
    }

    internal int Rank { get; }

    /// <summary>Scales and noise variances: where the moves begin.</summary>
    internal int Logarithms => _scales + _base.NoiseVariance.Length;

    internal int Length => Logarithms + (_spec.ParameterCount * (Rank + 1));

    /// <summary>The fitted scales and noise with no shift and with given directions, [p, r] row by row, in the units.</summary>
    internal double[] Start(double[] directions)
    {
        var x = new double[Length];
        for (int i = 0; i < _scales; i++)
        {
            x[i] = Math.Log(_base.BlockScales[i]);
        }

        for (int m = 0; m < _base.NoiseVariance.Length; m++)
        {
            x[_scales + m] = Math.Log(_base.NoiseVariance[m]);
        }

        for (int i = 0; i < _spec.ParameterCount; i++)
        {
            directions.AsSpan(i * Rank, Rank).CopyTo(x.AsSpan(Logarithms + (i * (Rank + 1))));
        }

        return x;
    }

    internal Prior PriorAt(double[] x)
    {
        int width = Rank + 1;
        var shift = new double[_spec.ParameterCount];
        var directions = new double[_spec.ParameterCount * Rank];
        for (int i = 0; i < _spec.ParameterCount; i++)
        {
            ReadOnlySpan<double> row = x.AsSpan(Logarithms + (i * width), width);
            shift[i] = _units[i] * row[Rank];
            for (int k = 0; k < Rank; k++)
            {
                directions[(i * Rank) + k] = _units[i] * row[k];
            }
        }

        return _base with
        {
            BlockScales = [.. _spec.Blocks.Select((_, b) => Math.Exp(x[_scales == 1 ? 0 : b]))],
            NoiseVariance = [.. x.AsSpan(_scales, _base.NoiseVariance.Length).ToArray().Select(v => Math.Exp(v))],
            Shift = ImmutableCollectionsMarshal.AsImmutableArray(shift),
            Directions = ImmutableCollectionsMarshal.AsImmutableArray(directions),
        };
    }

    /// <summary>Of the negative log evidence per observation.</summary>
    internal double[] Gradient(FleetEvidenceValue value)
    {
        var gradient = new double[Length];
        double per = -1.0 / value.Sum.Observations;
        for (int b = 0; b < _spec.Blocks.Length; b++)
        {
            gradient[_scales == 1 ? 0 : b] += per * value.Sum.Gradient.LogBlockScales[b];
        }

        for (int m = 0; m < _base.NoiseVariance.Length; m++)
        {
            gradient[_scales + m] = per * value.Sum.Gradient.LogNoiseVariance[m];
        }

        for (int i = 0; i < value.Moves.Length; i++)
        {
            gradient[Logarithms + i] = per * _units[i / (Rank + 1)] * value.Moves[i];
        }

        return gradient;
    }
}
