namespace AdaptCluster.Grains.Solves;

/// <summary>There is too little memory for a part of a solve. Never leaves the silo.</summary>
/// <param name="message">Where, and how much, without a full stop.</param>
/// <param name="isForever">Whether it would not fit either if nobody else used the memory.</param>
internal sealed class SolveMemoryException(string message, bool isForever) : Exception(message)
{
    /// <summary>Whether waiting does not help.</summary>
    public bool IsForever => isForever;
}
