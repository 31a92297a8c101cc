using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// One way to a model of a task: ours, and those that a sceptic would try first. Made for one source network; holds what it learned of the fleet
/// on the device. One thread at a time.
/// </summary>
public interface IAdaptationMethod : IDisposable
{
    /// <summary>What tables and options call it; see <see cref="MethodNames"/>.</summary>
    string Name { get; }

    /// <summary>Learns from the fleet's training tasks what it learns there. Called once, before the first task.</summary>
    /// <param name="tasks">The training tasks, at least one, in the data's units.</param>
    /// <param name="slices">Where it computes; called from outside of a slice.</param>
    /// <exception cref="NumericsException">Something could not be computed.</exception>
    void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices);

    /// <summary>Gives a task a model of its own. Within a slice; <see cref="Learn"/> came before.</summary>
    /// <param name="data">At least one row, in the data's units.</param>
    /// <returns>The caller disposes it; this method must live longer.</returns>
    /// <exception cref="ArgumentException">A width does not fit the network, or there are no rows.</exception>
    /// <exception cref="NumericsException">Something could not be computed.</exception>
    ITaskModel Adapt(TaskData data);
}
