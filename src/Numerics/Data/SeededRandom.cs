namespace AdaptCluster.Numerics.Data;

/// <summary>
/// A seeded stream of numbers that is the same on every platform and every version: xoshiro256** seeded by splitmix64
/// (Blackman and Vigna, <em>Scrambled linear pseudorandom number generators</em>, 2021). Not for cryptography. One thread at a time.
/// </summary>
internal sealed class SeededRandom
{
    private readonly ulong[] _state = new ulong[4];
    private double _spare;
    private bool _hasSpare;

    internal SeededRandom(int seed, int stream = 0)
    {
        ulong x = ((ulong)(uint)stream << 32) | (uint)seed;
        for (int i = 0; i < _state.Length; i++)
        {
            x += 0x9E3779B97F4A7C15UL;
            ulong z = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            _state[i] = z ^ (z >> 31);
        }
    }

    /// <summary>Uniform in [0, 1).</summary>
    internal double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 .. bound - 1. The bias of the multiply-shift map is below bound / 2^64.</summary>
    internal int NextInt(int bound) => (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);

    /// <summary>Standard normal, by Marsaglia's polar method.</summary>
    internal double NextNormal()
    {
        if (_hasSpare)
        {
            _hasSpare = false;
            return _spare;
        }

        double u, v, s;
        do
        {
            u = (2 * NextDouble()) - 1;
            v = (2 * NextDouble()) - 1;
            s = (u * u) + (v * v);
        }
        while (s >= 1 || s == 0);

        double factor = Math.Sqrt(-2 * Math.Log(s) / s);
        _spare = v * factor;
        _hasSpare = true;
        return u * factor;
    }

    internal double[] Normals(int count)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = NextNormal();
        }

        return values;
    }

    /// <summary>Fisher and Yates, in place.</summary>
    internal void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    internal int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Shuffle<int>(order);
        return order;
    }

    private ulong NextUInt64()
    {
        ulong[] s = _state;
        ulong result = ulong.RotateLeft(s[1] * 5, 7) * 9;
        ulong t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = ulong.RotateLeft(s[3], 45);
        return result;
    }
}
