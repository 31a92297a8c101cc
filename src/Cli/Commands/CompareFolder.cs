using AdaptCluster.Cli.Figures;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Tables;

namespace AdaptCluster.Cli.Commands;

/// <summary>Where a comparison's figure and report go.</summary>
internal sealed class CompareFolder
{
    private CompareFolder(string path)
    {
        Figure = Path.Combine(path, "comparison.png");
        Report = Path.Combine(path, "report.json");
    }

    /// <summary>The path of the figure.</summary>
    public string Figure { get; }

    /// <summary>The path of the report.</summary>
    public string Report { get; }

    /// <summary>Makes the folder, and sees before the work that both files can be written.</summary>
    /// <exception cref="TableException">They cannot.</exception>
    public static CompareFolder Prepare(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new TableException(path, "this folder cannot be made", "name another one with --out");
        }

        var folder = new CompareFolder(path);
        ReplacedFile.CheckWritable(folder.Figure);
        ReplacedFile.CheckWritable(folder.Report);
        return folder;
    }

    /// <summary>Writes both.</summary>
    /// <exception cref="TableException">One cannot be written.</exception>
    public async Task WriteAsync(CompareReport report)
    {
        ComparisonCurve[] curves =
        [
            .. report.Curve.GroupBy(score => score.Method).Select(method => new ComparisonCurve(
                method.Key,
                [.. method.Select(score => (double)score.Points)],
                [.. method.Select(score => score.Mse.Mean)],
                [.. method.Select(score => score.Nlpd.Mean)])),
        ];
        await ComparisonFigure.SaveAsync(Figure, curves);
        await ReplacedFile.WriteAsync(Report, async stream =>
        {
            await using var writer = new StreamWriter(stream, leaveOpen: true);
            await writer.WriteLineAsync(CommandOutput.ToJson(report));
        });
    }
}
