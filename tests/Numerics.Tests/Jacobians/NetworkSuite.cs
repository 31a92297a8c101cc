using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Jacobians;

/// <summary>The suite for a list of networks.</summary>
public abstract class NetworkSuite : JacobianSuite
{
    private protected abstract NetworkSpec[] Networks { get; }

    private protected virtual int Rows => 5;

    private protected sealed override void ForAllCases(Action<Case> check)
    {
        NetworkSpec[] networks = Networks;
        for (int i = 0; i < networks.Length; i++)
        {
            try
            {
                check(Cases.Build(networks[i], seed: 17 + i, Rows, others: 3));
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"Network {i}: {NetworkSpecFile.ToJson(networks[i])}\n{error.Message}", error);
            }
        }
    }
}
