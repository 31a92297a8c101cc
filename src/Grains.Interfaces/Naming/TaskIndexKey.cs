using System.IO.Hashing;
using System.Text;

namespace AdaptCluster.Grains.Interfaces.Naming;

/// <summary>Which part of a source's task index: the names are spread over a fixed number of parts.</summary>
/// <param name="Source">The source task.</param>
/// <param name="Part">From 0 to <see cref="Parts"/> - 1.</param>
public sealed record TaskIndexKey(SourceKey Source, int Part)
{
    /// <summary>The number of parts. It is part of what is stored: changing it needs a migration.</summary>
    public const int Parts = 16;

    /// <summary>The part that holds a task's name.</summary>
    public static TaskIndexKey For(TaskKey task) =>
        new(task.SourceKey, (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(task.Task)) % Parts));

    /// <summary>Writes the grain key.</summary>
    public override string ToString() => $"{Source}/{Part}";
}
