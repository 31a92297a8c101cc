using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Priors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Support;

/// <summary>The posterior by explicit inverse and determinant of dense fp64 matrices.</summary>
internal sealed record Dense(
    double LogEvidence, double Dimension, torch.Tensor Alpha, torch.Tensor Parameters, torch.Tensor Mean, torch.Tensor Covariance)
{
    public static Dense Of(Case c, JacobianFactors train, JacobianFactors at, torch.Tensor y)
    {
        torch.Tensor d = Oracle.ParameterVariances(c.Spec, c.Prior.BlockScales);
        (torch.Tensor trainOutput, torch.Tensor j) = Oracle.Linearise(c.Model, c.X);
        (torch.Tensor atOutput, torch.Tensor js) = Oracle.Linearise(c.Model, c.Other);
        bool source = c.Prior.Mean == PriorMean.Source;
        torch.Tensor r = (source ? y - trainOutput : y).reshape(-1, 1);
        torch.Tensor k = Oracle.Kernel(j, j, d);
        torch.Tensor covariance = k + torch.diag(Oracle.Noise(c.Prior, train.Rows, train.Outputs));
        torch.Tensor inverse = torch.linalg.inv(covariance);
        torch.Tensor alpha = torch.mm(inverse, r);
        torch.Tensor cross = Oracle.Kernel(js, j, d);
        double value = -0.5 * (torch.mm(r.t(), alpha).item<double>() + torch.linalg.slogdet(covariance).Item2.item<double>() + (train.Count * Math.Log(2 * Math.PI)));
        torch.Tensor mean = torch.mm(cross, alpha).view(at.Rows, at.Outputs);
        return new Dense(
            value,
            torch.mm(k, inverse).trace().item<double>(),
            alpha.view(-1),
            torch.mm(j.t(), alpha).view(-1) * d,
            source ? mean + atOutput : mean,
            Oracle.Kernel(js, js, d) - torch.mm(torch.mm(cross, inverse), cross.t()));
    }
}
