using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>What <see cref="TaskEvidence"/> computes, from factors and by torch: for tasks whose Cholesky factor is worth a call. No block's kernel is kept.</summary>
internal static class TaskInformation
{
    /// <summary>Adds the task's value, gradient and information to <paramref name="terms"/>; its value becomes NaN where C has no factor.</summary>
    /// <param name="terms">What it is added to.</param>
    /// <param name="train">The Jacobian at the task's rows.</param>
    /// <param name="targets">[n, c], standardised.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="moves">Of a prior with shift or directions: what their derivatives are added to.</param>
    /// <param name="isHeldOut">Whether they are not.</param>
    internal static void AddTo(TaskTerms terms, JacobianFactors train, torch.Tensor targets, Prior prior, MoveSum? moves, bool isHeldOut = false)
    {
        moves = isHeldOut ? null : moves;
        if (prior.Coupling == OutputCoupling.Full || train.Outputs == 1)
        {
            AddCoupled(terms, train, targets, prior, 0, moves);
            return;
        }

        for (int o = 0; o < train.Outputs; o++)
        {
            using JacobianFactors rows = train.OfOutput(o);
            using torch.Tensor view = targets.narrow(1, o, 1);
            using torch.Tensor column = view.contiguous();
            AddCoupled(terms, rows, column, prior.ForOutput(o), prior.NoiseVariance.Length == 1 ? 0 : o, moves);
        }
    }

    private static void AddCoupled(TaskTerms terms, JacobianFactors train, torch.Tensor targets, Prior prior, int firstNoise, MoveSum? moves)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Observations observations = Observations.Create(train, targets, prior, default);
        terms.Observations += observations.Count;
        torch.Tensor factor;
        try
        {
            (factor, _) = FunctionSpacePosterior.FactoriseCovariance(train, prior, observations);
        }
        catch (NotPositiveDefiniteException)
        {
            terms.LogEvidence = double.NaN;
            return;
        }

        torch.Tensor residuals = TensorInterop.FromDoubles(observations.Residuals, [observations.Count, 1], torch.ScalarType.Float64, train.Device);
        torch.Tensor alpha = residuals.cholesky_solve(factor);
        double[] alphaValues = TensorInterop.ToDoubles(alpha);
        terms.Misfit += observations.Residuals.Zip(alphaValues, (r, a) => r * a).Sum();
        terms.LogEvidence += Evidence.Value(observations.Residuals, alphaValues, TensorInterop.ToDoubles(factor.diagonal()));
        torch.Tensor weights = torch.mm(alpha, alpha.t()).sub_(factor.cholesky_inverse());
        moves?.Add(train, torch.cat([torch.mm(weights, moves.Features(train).narrow(1, 0, moves.Rank)), alpha], dim: 1));
        EvidenceGradient gradient = Evidence.Gradient(
            TensorInterop.ToDoubles(train.ContractBlocks(weights.to(train.DType))), TensorInterop.ToDoubles(weights.diagonal()), observations.Noise, prior, train.Outputs);
        int blocks = prior.BlockScales.Length;
        int[] index = [.. Enumerable.Range(0, blocks), .. gradient.LogNoiseVariance.Select((_, m) => blocks + firstNoise + m)];
        double[] values = [.. gradient.LogBlockScales, .. gradient.LogNoiseVariance];
        double[] information = TensorInterop.ToDoubles(Information(train, prior, observations, factor, alpha));
        int q = terms.Gradient.Length;
        for (int a = 0; a < index.Length; a++)
        {
            terms.Gradient[index[a]] += values[a];
            for (int b = 0; b < index.Length; b++)
            {
                terms.Information[(index[a] * q) + index[b]] += information[(a * index.Length) + b];
            }
        }
    }

    // 1/2 V^T C^-1 V with V = [theta_b K_b alpha ..., Sigma_m alpha ...]: J_b J_b^T alpha of all blocks by one product each way.
    private static torch.Tensor Information(JacobianFactors train, Prior prior, Observations observations, torch.Tensor factor, torch.Tensor alpha)
    {
        int blocks = prior.BlockScales.Length;
        torch.Tensor pulled = train.ApplyTranspose(alpha.to(train.DType));
        torch.Tensor spread = torch.zeros(train.Spec.ParameterCount, blocks, dtype: train.DType, device: train.Device);
        for (int b = 0; b < blocks; b++)
        {
            Networks.ParameterBlock block = train.Spec.Blocks[b];
            using torch.Tensor scale = torch.tensor(prior.BlockScales[b], dtype: train.DType, device: train.Device);
            spread.narrow(0, block.Offset, block.Count).narrow(1, b, 1).copy_(pulled.narrow(0, block.Offset, block.Count) * scale);
        }

        int noises = prior.NoiseVariance.Length;
        var weights = new double[observations.Count * noises];
        for (int i = 0; i < observations.Count; i++)
        {
            weights[(i * noises) + (noises == 1 ? 0 : i % train.Outputs)] = observations.Noise[i];
        }

        torch.Tensor noise = TensorInterop.FromDoubles(weights, [observations.Count, noises], torch.ScalarType.Float64, train.Device) * alpha;
        torch.Tensor vectors = torch.cat([PriorFunctions.ToDouble(train.Apply(spread)), noise], dim: 1);
        torch.Tensor whitened = torch.linalg.solve_triangular(factor, vectors, upper: false);
        return torch.mm(whitened.t(), whitened).mul_(0.5);
    }
}
