using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Diagnostics;

/// <summary>How much the rows of a task look, to the network's parameters, like rows of the source. In the prior's metric: J stands for J D^(1/2).</summary>
/// <param name="Fisher">
/// The cosine between the two Fisher informations of Gaussian noise, J^T J of either: |J_s J_t^T|_F^2 / (|K_s|_F |K_t|_F). 1: the same directions of the
/// parameters matter, in the same proportions; 0: none in common.
/// </param>
/// <param name="Explained">
/// The share of the prior variance at the task's rows that observations at the source's rows, with the prior's noise, would have removed. Near 1: the source's
/// rows span the task's Jacobian, so what was learned there speaks about it; near 0: the task asks the network about something else.
/// </param>
/// <remarks>Both are products of kernels: nothing has the size of the parameters. With 256 rows of the source <paramref name="Explained"/> is a lower bound.</remarks>
public sealed record JacobianSimilarity(double Fisher, double Explained)
{
    /// <param name="task">Rows of the task, N of them with the outputs.</param>
    /// <param name="source">Rows of the source, same network and dtype.</param>
    /// <param name="prior">Scales and noise.</param>
    internal static JacobianSimilarity Between(JacobianFactors task, JacobianFactors source, Prior prior)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor own = PriorFunctions.Covariance(task, prior);
        torch.Tensor theirs = PriorFunctions.Covariance(source, prior);
        torch.Tensor cross = PriorFunctions.Cross(source, task, prior);
        double fisher = Squares(cross) / Math.Sqrt(Squares(own) * Squares(theirs));
        var noise = new double[source.Count];
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = prior.NoiseOf(i % source.Outputs);
        }

        theirs.diagonal().add_(TensorInterop.FromDoubles(noise, [noise.Length], torch.ScalarType.Float64, source.Device), Scalars.One);
        torch.Tensor root = torch.linalg.solve_triangular(torch.linalg.cholesky(theirs), cross, upper: false);
        return new JacobianSimilarity(fisher, Squares(root) / TensorInterop.ToDoubles(own.diagonal()).Sum());
    }

    private static double Squares(torch.Tensor tensor) => TensorInterop.ToDoubles(tensor.square().sum(dim: 1)).Sum();
}
