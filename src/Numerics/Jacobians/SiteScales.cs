using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The prior scales of one kernel, once by block and once by the columns of all dense sites, so that they are uploaded once.
/// Belongs to the dispose scope in which it is made.
/// </summary>
internal sealed class SiteScales
{
    private readonly NetworkSpec _spec;
    private readonly torch.ScalarType _dtype;
    private readonly torch.Device _device;
    private readonly torch.Tensor _columns;

    internal SiteScales(JacobianFactors factors, ReadOnlySpan<double> theta)
    {
        _spec = factors.Spec;
        _dtype = factors.DType;
        _device = factors.Device;
        Theta = theta.ToArray();
        _columns = Upload();
    }

    /// <summary>theta, length B.</summary>
    internal double[] Theta { get; }

    /// <summary>theta of every column that a dense site reads, [d_in (+ 1)]: the weight's, and the bias's for the last.</summary>
    internal torch.Tensor Columns(SitePlan plan) => _columns.narrow(0, plan.Column, plan.Inner);

    private torch.Tensor Upload()
    {
        var values = new double[_spec.Sites.Where(plan => plan.Kind == SiteKind.Dense).Sum(plan => plan.Inner)];
        foreach (SitePlan plan in _spec.Sites.Where(plan => plan.Kind == SiteKind.Dense))
        {
            values.AsSpan(plan.Column, plan.Inner).Fill(Theta[plan.Blocks[0]]);
            if (plan.Blocks.Length == 2)
            {
                values[plan.Column + plan.Inner - 1] = Theta[plan.Blocks[1]];
            }
        }

        return TensorInterop.FromDoubles(values, [values.Length], _dtype, _device);
    }
}
