using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.BadInput;

/// <summary>A command that has to be refused.</summary>
/// <param name="Name">What is wrong, for the test's name.</param>
/// <param name="Command">
/// The command line. Words in capitals stand for files: IN for a file of <see cref="Rows"/>, MISSING, OUT, SCORED
/// and so on; LABELLED after a file for its target and task columns.
/// </param>
/// <param name="Says">What the error has to say: the place, and the remedy.</param>
internal sealed record BadInputCase(string Name, string Command, params string[] Says)
{
    /// <summary>The text of the file that IN stands for.</summary>
    public string Rows { get; init; } = Bakeries.Header + "\r\n";

    /// <summary>The bytes of the file that IN stands for, where it is no text.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>The name of the file that IN stands for.</summary>
    public string File { get; init; } = "in.csv";
}
