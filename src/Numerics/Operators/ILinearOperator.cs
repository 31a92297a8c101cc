using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>
/// A linear map that is known by its products. Owns its tensors where its own documentation does not say otherwise. One thread at a time.
/// </summary>
internal interface ILinearOperator : IDisposable
{
    /// <summary>The length of a result of <see cref="Apply"/>.</summary>
    int Rows { get; }

    /// <summary>The length of what <see cref="Apply"/> takes.</summary>
    int Columns { get; }

    /// <summary>What products take and give: Float64 or Float32.</summary>
    torch.ScalarType DType { get; }

    /// <summary>Where.</summary>
    torch.Device Device { get; }

    /// <summary>A v.</summary>
    /// <param name="v">[<see cref="Columns"/>, k], same dtype and device; not changed.</param>
    /// <returns>[<see cref="Rows"/>, k], in the caller's dispose scope.</returns>
    torch.Tensor Apply(torch.Tensor v);

    /// <summary>A^T u.</summary>
    /// <param name="u">[<see cref="Rows"/>, k], same dtype and device; not changed.</param>
    /// <returns>[<see cref="Columns"/>, k], in the caller's dispose scope.</returns>
    torch.Tensor ApplyTranspose(torch.Tensor u);

    /// <summary>A itself, [<see cref="Rows"/>, <see cref="Columns"/>], in the caller's dispose scope. Expensive: for tests, and where it is small.</summary>
    torch.Tensor ToDense();
}
