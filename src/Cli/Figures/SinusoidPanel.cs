namespace AdaptCluster.Cli.Figures;

/// <summary>One new task on the sinusoids figure. All arrays over the grid have the grid's length.</summary>
/// <param name="Title">Stands above the panel.</param>
/// <param name="Grid">Inputs, ascending.</param>
/// <param name="Truth">The noise-free function on the grid.</param>
/// <param name="Source">The source network's prediction on the grid.</param>
/// <param name="Mean">The posterior mean on the grid.</param>
/// <param name="Lower">The lower end of the 95% band on the grid.</param>
/// <param name="Upper">The upper end of the 95% band on the grid.</param>
/// <param name="DataX">The inputs of the task's own observations.</param>
/// <param name="DataY">Their targets.</param>
internal sealed record SinusoidPanel(
    string Title,
    double[] Grid,
    double[] Truth,
    double[] Source,
    double[] Mean,
    double[] Lower,
    double[] Upper,
    double[] DataX,
    double[] DataY)
{
    /// <summary>Throws when lengths do not agree.</summary>
    /// <exception cref="ArgumentException">Names the panel.</exception>
    public void Validate()
    {
        bool agrees = new[] { Truth, Source, Mean, Lower, Upper }.All(values => values.Length == Grid.Length)
            && Grid.Length > 1
            && DataX.Length == DataY.Length;
        if (!agrees)
        {
            throw new ArgumentException($"The arrays of panel '{Title}' differ in length.");
        }
    }
}
