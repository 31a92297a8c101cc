using System.Globalization;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>The networks of tests/fixtures, and tasks for them: every task adds a level and a slope of its own to what is common.</summary>
internal static class ModelFiles
{
    public const string Task = "shop";

    private static readonly string s_folder = Find();

    public static string Path(string file) => System.IO.Path.Combine(s_folder, "models", file);

    /// <summary>A folder of the fixtures.</summary>
    public static string Folder(string name) => System.IO.Path.Combine(s_folder, name);

    /// <summary>The script that the documents show.</summary>
    public static string ExportScript => System.IO.Path.Combine(s_folder, "export_five_lines.py");

    /// <summary>Rows of several tasks; the same seed and tasks give the same tasks, whatever the rows.</summary>
    /// <param name="seed">Seeds the rows.</param>
    /// <param name="tasks">How many.</param>
    /// <param name="each">Rows of each.</param>
    /// <param name="vocabularies">Per input 0 for a number, else how many whole numbers there are.</param>
    /// <param name="targets">How many.</param>
    public static List<Row> Rows(int seed, int tasks, int each, int[] vocabularies, int targets)
    {
        var random = new Random(seed);
        var character = new Random(99);
        var rows = new List<Row>();
        for (int task = 0; task < tasks; task++)
        {
            double level = (4 * character.NextDouble()) - 2, slope = character.NextDouble() - 0.5;
            for (int i = 0; i < each; i++)
            {
                double[] x = Array.ConvertAll(vocabularies, words => words == 0 ? Math.Round((2 * random.NextDouble()) - 1, 4) : random.Next(words));
                double[] y = [.. Enumerable.Range(0, targets).Select(o => Math.Round((level * (1 + o)) + (slope * (vocabularies[0] == 0 ? x[0] : 0)) + (0.1 * random.NextDouble()), 6))];
                rows.Add(new Row($"{Task} {task}", x, y));
            }
        }

        return rows;
    }

    /// <summary>The rows as CSV, the task first, then inputs f0, f1, ..., then targets t0, t1, ...</summary>
    public static string Csv(List<Row> rows) => CsvText.Write([
        [Task, .. rows[0].Inputs.Select((_, i) => $"f{i}"), .. rows[0].Targets.Select((_, i) => $"t{i}")],
        .. rows.Select(row => (IEnumerable<string>)[row.Task, .. row.Inputs.Select(Text), .. row.Targets.Select(Text)]),
    ]);

    /// <summary>The rows as Parquet, the inputs one column of lists.</summary>
    public static async Task<string> WriteParquetAsync(DataFolder folder, string name, List<Row> rows)
    {
        var element = new DataField<float>("element");
        DataField[] targets = [.. rows[0].Targets.Select((_, i) => new DataField<double>($"t{i}"))];
        var task = new DataField<string>(Task, nullable: false);
        var schema = new ParquetSchema([task, new ListField("image", element), .. targets]);
        await using FileStream stream = File.Create(folder.File(name));
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync(task, rows.Select(row => row.Task).ToArray());
        int width = rows[0].Inputs.Length;
        await group.WriteAllPartsAsync<float>(
            element,
            rows.SelectMany(row => row.Inputs).Select(value => (float)value).ToArray(),
            Enumerable.Repeat(element.MaxDefinitionLevel, width * rows.Count).ToArray(),
            Enumerable.Range(0, width * rows.Count).Select(i => i % width == 0 ? 0 : 1).ToArray(),
            CancellationToken.None);
        for (int i = 0; i < targets.Length; i++)
        {
            await group.WriteAsync<double>(targets[i], rows.Select(row => row.Targets[i]).ToArray());
        }

        return folder.File(name);
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Find([CallerFilePath] string thisFile = "")
    {
        foreach (string start in new[] { AppContext.BaseDirectory, System.IO.Path.GetDirectoryName(thisFile)! })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string fixtures = System.IO.Path.Combine(folder.FullName, "tests", "fixtures");
                if (Directory.Exists(fixtures))
                {
                    return fixtures;
                }
            }
        }

        throw new DirectoryNotFoundException("tests/fixtures is not there.");
    }

    internal sealed record Row(string Task, double[] Inputs, double[] Targets);
}
