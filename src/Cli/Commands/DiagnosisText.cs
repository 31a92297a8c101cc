using System.Globalization;
using AdaptCluster.Cli.Output;
using AdaptCluster.Grains.Interfaces.Tasks;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary>What was found about one adaptation, or about many, for a person to read.</summary>
internal static class DiagnosisText
{
    private static readonly int[] s_picked = [0, 1, 3, 7, 15, 31];

    public static void Write(CommandOutput output, TaskDiagnosis found)
    {
        output.Line($"gain       {Signed(found.Gain)} ± {found.GainError:0.0000} nats per observation, leave-one-out on {found.Rows:N0} rows");
        output.Line(found.LinearisationError is { } error
            ? $"linear     {error:P1} of the change: how far the network with its weights moved is from its linearisation"
            : "linear     not known: the weights cannot be moved");
        output.Line($"spectrum   {found.Spectrum.Count(value => value > 1)} of the largest {found.Spectrum.Length} eigenvalues above the noise: "
            + $"{string.Join(", ", Picked(found.Spectrum.Length).Select(i => found.Spectrum[i].ToString("G3", CultureInfo.CurrentCulture)))}; effective dimension {found.EffectiveDimension:0.0}");
        output.Line(found.FisherSimilarity is { } fisher
            ? $"likeness   Fisher information {fisher:0.000} of 1; {found.ExplainedBySource:P1} of the prior variance explained by rows of the source"
            : "likeness   not known: no rows of the source are kept (it was not trained here)");
        WriteCalibration(output, [found]);
    }

    public static void Write(CommandOutput output, IReadOnlyList<TaskDiagnosis> found)
    {
        double[] gains = [.. found.Select(task => task.Gain)];
        double mean = gains.Average();
        double spread = Math.Sqrt(gains.Sum(gain => (gain - mean) * (gain - mean)) / Math.Max(1, gains.Length - 1));
        output.Line($"gain        {Signed(mean)} ± {spread / Math.Sqrt(gains.Length):0.0000} nats per observation over {gains.Length:N0} tasks, leave-one-out; "
            + $"{gains.Count(gain => gain > 0):N0} gain");
        Middle("linear      ", found.Select(task => task.LinearisationError), value => $"{value:P1} of the change is not linear");
        Middle("effective   ", found.Select(task => (double?)task.EffectiveDimension), value => $"{value:0.0} directions determined by the data");
        Middle("likeness    ", found.Select(task => task.FisherSimilarity), value => $"Fisher information {value:0.000} of 1 that of the source's rows");
        Middle("explained   ", found.Select(task => task.ExplainedBySource), value => $"{value:P1} of the prior variance by rows of the source");
        WriteCalibration(output, found);

        void Middle(string name, IEnumerable<double?> values, Func<double, string> say)
        {
            double[] known = [.. values.OfType<double>().Order()];
            if (known.Length > 0)
            {
                output.Line($"{name}{say(known[known.Length / 2])} (median of {known.Length:N0} tasks; {say(known[^1])} at most)");
            }
        }
    }

    // Every task counts the same.
    private static void WriteCalibration(CommandOutput output, IReadOnlyList<TaskDiagnosis> found)
    {
        Table table = TextTable.Create(["interval", .. found[0].Levels.Select(level => $">{level:P0}")]);
        table.Add(["holds", .. found[0].Levels.Select((_, i) => found.Average(task => task.Coverage[i]).ToString("P1", CultureInfo.CurrentCulture))]);
        output.Table(table);
    }

    private static IEnumerable<int> Picked(int length) => s_picked.Where(i => i < length);

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000", CultureInfo.CurrentCulture);
}
