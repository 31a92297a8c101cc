using ScottPlot;
using ScottPlot.Plottables;

namespace AdaptCluster.Cli.Figures;

/// <summary>Two panels over the number of points of a task: mean squared error (log-log) and mean negative log density (log x).</summary>
internal static class LearningCurveFigure
{
    /// <summary>Of the image, in pixels.</summary>
    public const int Width = 1600;

    /// <summary>Of the image, in pixels.</summary>
    public const int Height = 700;

    private const string PointsLabel = "points of the task seen";

    /// <summary>Writes the figure as PNG.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="curves">At least one curve; the points of all of them become ticks.</param>
    /// <param name="errorUnit">The unit of the squared error, such as <c>min²</c>; null to leave it out.</param>
    /// <exception cref="ArgumentException">There is no curve, the lengths of one differ, or a value has no logarithm.</exception>
    /// <exception cref="Tables.TableException">The file cannot be written.</exception>
    public static async Task SaveAsync(string path, IReadOnlyList<LearningCurve> curves, string? errorUnit = null)
    {
        Validate(curves);
        string unit = errorUnit is null ? "" : $" ({errorUnit})";
        Plot error = Draw("Mean squared error", $"mean squared error{unit}", curves, curve => [.. curve.MeanSquaredError.Select(Math.Log10)]);
        FigureTicks.SetLogarithmic(error.Axes.Left, [.. curves.SelectMany(curve => curve.MeanSquaredError)]);
        Plot density = Draw("Negative log density", "mean negative log density", curves, curve => curve.MeanNegativeLogDensity);
        FigureTicks.SetLinear(density.Axes.Left, [.. curves.SelectMany(curve => curve.MeanNegativeLogDensity)]);
        await FigureFile.SaveAsync(path, [error, density], columns: 2, Width, Height);
    }

    /// <summary>Writes one panel of errors (log-log) for each of several families of tasks, on one scale, as PNG.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="families">Each family's title and curves.</param>
    /// <param name="errorUnit">The unit of the squared error.</param>
    /// <exception cref="ArgumentException">There is no curve, the lengths of one differ, or a value has no logarithm.</exception>
    /// <exception cref="Tables.TableException">The file cannot be written.</exception>
    public static async Task SaveErrorsAsync(string path, IReadOnlyList<(string Title, LearningCurve[] Curves)> families, string errorUnit)
    {
        double[] errors = [.. families.SelectMany(family => family.Curves).SelectMany(curve => curve.MeanSquaredError)];
        var panels = new List<Plot>();
        foreach ((string title, LearningCurve[] curves) in families)
        {
            Validate(curves);
            Plot panel = Draw(title, $"mean squared error ({errorUnit})", curves, curve => [.. curve.MeanSquaredError.Select(Math.Log10)]);
            FigureTicks.SetLogarithmic(panel.Axes.Left, errors);
            double margin = .05 * Math.Log10(errors.Max() / errors.Min());
            panel.Axes.SetLimitsY(Math.Log10(errors.Min()) - margin, Math.Log10(errors.Max()) + margin);
            panels.Add(panel);
        }

        await FigureFile.SaveAsync(path, [.. panels], columns: 2, Width, Height);
    }

    /// <summary>What tables and legends call a method.</summary>
    public static string NameOf(LearningCurveMethod method) => Look(method).Label;

    private static void Validate(IReadOnlyList<LearningCurve> curves)
    {
        if (curves.Count == 0)
        {
            throw new ArgumentException("There are no curves to draw.");
        }

        foreach (LearningCurve curve in curves)
        {
            bool agrees = curve.Points.Length > 0
                && curve.Points.Length == curve.MeanSquaredError.Length
                && curve.Points.Length == curve.MeanNegativeLogDensity.Length;
            if (!agrees || curve.Points.Concat(curve.MeanSquaredError).Any(value => !(value > 0)))
            {
                throw new ArgumentException($"The curve {curve.Method} needs as many positive values as it has points.");
            }
        }
    }

    private static Plot Draw(string title, string yLabel, IReadOnlyList<LearningCurve> curves, Func<LearningCurve, double[]> values)
    {
        Plot plot = FigureStyle.NewPlot(title, PointsLabel, yLabel);
        foreach (LearningCurve curve in curves.OrderBy(curve => curve.Method))
        {
            (string label, Color color, MarkerShape marker) = Look(curve.Method);
            Scatter line = plot.Add.Scatter([.. curve.Points.Select(Math.Log10)], values(curve), color);
            line.LineWidth = 3;
            line.MarkerShape = marker;
            line.MarkerSize = 13;
            line.MarkerFillColor = color;
            line.MarkerLineColor = color;
            line.LegendText = label;
        }

        FigureTicks.Set(plot.Axes.Bottom, [.. curves.SelectMany(curve => curve.Points).Distinct().Order()], Math.Log10);
        plot.Axes.Margins(.06, .1);
        return plot;
    }

    private static (string Label, Color Color, MarkerShape Marker) Look(LearningCurveMethod method) => method switch
    {
        LearningCurveMethod.None => ("no adaptation", FigurePalette.Grey, MarkerShape.FilledSquare),
        LearningCurveMethod.MeanShift => ("mean shift", FigurePalette.Vermillion, MarkerShape.FilledTriangleUp),
        LearningCurveMethod.LastLayer => ("last layer only", FigurePalette.Orange, MarkerShape.FilledDiamond),
        _ => ("adapted", FigurePalette.Blue, MarkerShape.FilledCircle),
    };
}
