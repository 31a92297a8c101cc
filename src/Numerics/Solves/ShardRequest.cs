namespace AdaptCluster.Numerics.Solves;

/// <summary>One question to all shards of a solve. Bytes are little-endian; matrices are row-major.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Columns">Of <see cref="ShardQuestion.Apply"/>: k.</param>
/// <param name="Start">Of <see cref="ShardQuestion.Gram"/>: the first row.</param>
/// <param name="Count">Of <see cref="ShardQuestion.Gram"/>: how many rows; of <see cref="ShardQuestion.Sample"/>: how many rows over all shards.</param>
/// <param name="Precision">What it is computed in. Vectors are sent in fp32 only if it is Single; rows of products come back in the same, sums always in fp64.</param>
/// <param name="Payload">Of <see cref="ShardQuestion.Apply"/>: the vectors, [N or q, k].</param>
public sealed record ShardRequest(ShardQuestion Question, int Columns, int Start, int Count, ProductPrecision Precision, byte[] Payload)
{
    /// <summary>Whether vectors are fp64.</summary>
    public bool InDouble => Precision != ProductPrecision.Single;
}
