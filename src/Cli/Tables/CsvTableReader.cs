using System.Text.Unicode;
using CsvHelper;

namespace AdaptCluster.Cli.Tables;

/// <summary>Reads CSV: RFC 4180 quoting, comma separated, UTF-8 (or another encoding named by a byte order mark), CRLF or LF.</summary>
internal static class CsvTableReader
{
    private const int RowsBetweenCancellationChecks = 4096;

    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        HasHeader = false,
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    /// <summary>Reads the whole stream; only the columns in <paramref name="wanted"/> are kept, all when it is null.</summary>
    /// <exception cref="TableException">The text is not a table.</exception>
    public static Table Read(string source, Stream stream, IReadOnlySet<string>? wanted, CancellationToken cancellationToken)
    {
        using CsvReader reader = CsvReader.Create(stream, Options, leaveOpen: true);
        try
        {
            string[] names = ReadHeader(source, reader);
            CsvCells?[] columns = Array.ConvertAll(names, name => wanted is null || wanted.Contains(name) ? new CsvCells(name) : null);
            int[] lines = ReadRows(source, reader, columns, cancellationToken);
            if (lines.Length == 0)
            {
                throw new TableException(source, "the file has a header but no rows", "add at least one row of data");
            }

            return new Table(source, names, columns.OfType<CsvCells>().Select(cells => cells.ToColumn()), lines.Length, lines);
        }
        catch (CsvFormatException malformed)
        {
            throw new TableException(
                source,
                "a double quote is out of place or never closed",
                "enclose the whole field in double quotes and double those inside it",
                $"line {malformed.LineNumber}",
                cause: malformed);
        }
    }

    private static string[] ReadHeader(string source, CsvReader reader)
    {
        if (!reader.Read())
        {
            throw new TableException(source, "the file is empty", "give it a first line that names the columns, and rows");
        }

        RequireText(source, reader);
        var names = new string[reader.FieldCount];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = reader.GetString(i);
            if (string.IsNullOrWhiteSpace(names[i]))
            {
                string problem = $"column {i + 1} has no name";
                throw new TableException(source, problem, "name it in the header or remove it", Place(reader));
            }

            seen.Add(names[i]);
        }

        if (seen.Count < names.Length)
        {
            throw Duplicate(source, names, Place(reader));
        }

        if (names is [string only] && only.AsSpan().IndexOfAny(';', '\t', '|') >= 0)
        {
            throw new TableException(
                source, $"the only column is {Quote.One(only)}", "separate the fields by commas", Place(reader));
        }

        return names;
    }

    private static TableException Duplicate(string source, string[] names, string place)
    {
        if (names.All(name => NumberText.TryParse(name, out _)))
        {
            return new TableException(source, "the first line holds numbers, not names", "add a first line that names the columns", place);
        }

        string twice = names.GroupBy(name => name, StringComparer.Ordinal).First(group => group.Count() > 1).Key;
        return new TableException(source, $"there are two columns named {Quote.One(twice)}", "rename or remove one of them", place);
    }

    private static int[] ReadRows(string source, CsvReader reader, CsvCells?[] columns, CancellationToken cancellationToken)
    {
        var lines = new List<int>();
        while (reader.Read())
        {
            if (lines.Count % RowsBetweenCancellationChecks == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            RequireText(source, reader);
            RequireFieldCount(source, reader, columns.Length);
            for (int i = 0; i < columns.Length; i++)
            {
                if (columns[i] is { } cells && !cells.TryAdd(reader.GetSpan(i)))
                {
                    throw new TableException(
                        source, "the column has more than 2 GiB of text", "split the file", Place(reader), cells.Name);
                }
            }

            lines.Add(checked((int)reader.LineNumber));
        }

        return [.. lines];
    }

    private static void RequireFieldCount(string source, CsvReader reader, int expected)
    {
        if (reader.FieldCount == expected)
        {
            return;
        }

        string problem = $"{Count(reader.FieldCount)} where the header has {expected}";
        string remedy = reader.FieldCount > expected
            ? "enclose a field that contains commas in double quotes, or remove what is too much"
            : "add what is missing (an empty field is a missing value)";
        throw new TableException(source, problem, remedy, Place(reader));
    }

    private static void RequireText(string source, CsvReader reader)
    {
        if (!Utf8.IsValid(reader.RawRecord))
        {
            throw new TableException(source, "this is not UTF-8 text", "save the file as CSV in UTF-8", Place(reader));
        }
    }

    private static string Count(int fields) => fields == 1 ? "1 field" : $"{fields} fields";

    private static string Place(CsvReader reader) => $"line {reader.LineNumber}";
}
