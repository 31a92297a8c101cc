using CsCheck;

namespace AdaptCluster.Formats.Tests.Support;

/// <summary>Damages files: one to four bytes replaced, bits flipped, bytes put in, or bytes taken out.</summary>
internal static class Mutations
{
    private static readonly Gen<Mutation> One =
        Gen.Select(Gen.Int[0, 3], Gen.Double[0, 1], Gen.Byte, Gen.Int[1, 8], (kind, place, value, count) => new Mutation(kind, place, value, count));

    public static Gen<Mutation[]> Some => One.Array[1, 4];

    public static byte[] Apply(byte[] file, Mutation[] mutations)
    {
        List<byte> bytes = [.. file];
        foreach (Mutation mutation in mutations)
        {
            if (bytes.Count == 0)
            {
                break;
            }

            int at = (int)(mutation.Place * (bytes.Count - 1));
            switch (mutation.Kind)
            {
                case 0:
                    bytes[at] = mutation.Value;
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << (mutation.Value % 8));
                    break;
                case 2:
                    bytes.InsertRange(at, Enumerable.Repeat(mutation.Value, mutation.Count));
                    break;
                default:
                    bytes.RemoveRange(at, Math.Min(mutation.Count, bytes.Count - at));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <param name="Kind">0 replaces, 1 flips a bit, 2 inserts, 3 deletes.</param>
    /// <param name="Place">Where, from 0 (the start) to 1 (the end).</param>
    /// <param name="Value">The byte.</param>
    /// <param name="Count">How many bytes are put in or taken out.</param>
    internal sealed record Mutation(int Kind, double Place, byte Value, int Count);
}
