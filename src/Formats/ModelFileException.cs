namespace AdaptCluster.Formats;

/// <summary>
/// A model file that cannot be used: damaged, hostile, or of a kind that is not read. The only exception that any
/// content of a file leads to. The message is one line, <c>FILE, WHERE: problem; remedy.</c>, fit to be shown to a person.
/// </summary>
public sealed class ModelFileException : Exception
{
    /// <summary>Reports what is wrong with a file.</summary>
    /// <param name="file">The file as the user knows it.</param>
    /// <param name="where">The tensor, archive entry or place in it; null when the whole file is meant.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    /// <param name="remedy">What to do, in the imperative, without a full stop.</param>
    /// <param name="cause">A library's own error.</param>
    public ModelFileException(string file, string? where, string problem, string remedy, Exception? cause = null)
        : base($"{file}{(where is null ? "" : $", {where}")}: {problem}; {remedy}.", cause)
    {
        File = file;
        Where = where;
        Problem = problem;
        Remedy = remedy;
    }

    /// <summary>The file as the user knows it.</summary>
    public string File { get; }

    /// <summary>Such as <c>tensor 'layers.0.weight'</c> or <c>entry 'model/data.pkl', byte 17</c>; null when the whole file is meant.</summary>
    public string? Where { get; }

    /// <summary>What is wrong, without a full stop.</summary>
    public string Problem { get; }

    /// <summary>What to do, in the imperative, without a full stop.</summary>
    public string Remedy { get; }
}
