using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>One task: the angles of one digit in one family.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Family">What is done to the images.</param>
/// <param name="Pool">Labelled rows in a random order: the first k are adapted to.</param>
/// <param name="Tests">Labelled rows of other images.</param>
internal sealed record DigitTask(string Name, DigitFamily Family, LabelledRows Pool, LabelledRows Tests)
{
    /// <summary>The numbers of labelled images that are adapted to, ascending.</summary>
    public static readonly IReadOnlyList<int> Points = [5, 10, 20, 50, 100, 200];
}
