namespace AdaptCluster.Numerics.Solves;

/// <summary>One question to all shards of a solve. Bytes are little-endian; matrices are row-major.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Columns">Of <see cref="ShardQuestion.Apply"/>: k.</param>
/// <param name="Start">Of <see cref="ShardQuestion.Gram"/>: the first row.</param>
/// <param name="Count">Of <see cref="ShardQuestion.Gram"/>: how many rows; of <see cref="ShardQuestion.Sample"/>: how many rows over all shards.</param>
/// <param name="InDouble">Whether it is computed, sent and answered in fp64.</param>
/// <param name="Payload">Of <see cref="ShardQuestion.Apply"/>: the vectors, [N or q, k].</param>
public sealed record ShardRequest(ShardQuestion Question, int Columns, int Start, int Count, bool InDouble, byte[] Payload);
