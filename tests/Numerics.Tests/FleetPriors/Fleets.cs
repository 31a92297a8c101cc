using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.FleetPriors;

/// <summary>Fleets drawn from a prior: tasks whose parameters differ from the source's by a draw from it, in the linearised network. The model itself.</summary>
internal static class Fleets
{
    public static List<TaskData> Draw(SourceNetwork network, Prior truth, IEnumerable<int> rows, int seed, double[]? shift = null, double[]? directions = null)
    {
        NetworkSpec spec = network.Model.Spec;
        var random = new SeededRandom(seed, 7);
        var fleet = new List<TaskData>();
        foreach (int n in rows)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            RowMatrix x = Cases.Normal(random, n, spec.InputWidth);
            using JacobianFactors factors = network.Linearise(x);
            torch.Tensor d = torch.tensor(random.Normals(spec.ParameterCount)) * Oracle.ParameterVariances(spec, truth.BlockScales).sqrt();
            if (shift is not null)
            {
                d += torch.tensor(shift);
            }

            if (directions is not null)
            {
                int rank = directions.Length / spec.ParameterCount;
                d += torch.mv(torch.tensor(directions, [spec.ParameterCount, rank]), torch.tensor(random.Normals(rank)));
            }

            torch.Tensor noise = torch.tensor(random.Normals(n * spec.Outputs)) * Oracle.Noise(truth, n, spec.Outputs).sqrt();
            torch.Tensor y = factors.Output + (factors.Apply(d.view(-1, 1)) + noise.view(-1, 1)).view(n, spec.Outputs);
            RowMatrix standardised = new(n, spec.Outputs, y.data<double>().ToArray());
            fleet.Add(new TaskData(x, network.Model.OutputStandardisation.Invert(standardised)));
        }

        return fleet;
    }
}
