using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>An operator whose product is a sequence of short parts, so that whoever computes it may do other things in between.</summary>
internal interface IPartwiseOperator : ILinearOperator
{
    /// <summary>How many parts a product has. Fixed: the same parts in the same order give the same bits.</summary>
    int Parts { get; }

    /// <summary>What a product is accumulated in.</summary>
    torch.ScalarType ResultType { get; }

    /// <summary>Adds one part of A v to a result that begins as zero.</summary>
    /// <param name="part">From 0 to <see cref="Parts"/> - 1, each once, in order.</param>
    /// <param name="v">[columns, k], in the operator's dtype, or in fp64: then the product is exact for the operator's numbers.</param>
    /// <param name="result">[rows, k], <see cref="ResultType"/>, or fp64 if v is.</param>
    void AddPart(int part, torch.Tensor v, torch.Tensor result);
}
