using Spectre.Console;

namespace AdaptCluster.Cli.Output;

/// <summary>Plain tables: a header, a rule, columns of numbers to the right.</summary>
internal static class TextTable
{
    /// <summary>A table; a column whose name starts with '&gt;' is aligned to the right.</summary>
    public static Table Create(params ReadOnlySpan<string> columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            bool right = column.StartsWith('>');
            var definition = new TableColumn(Markup.Escape(column.TrimStart('>'))) { NoWrap = true };
            table.AddColumn(right ? definition.RightAligned() : definition);
        }

        return table;
    }

    /// <summary>Adds a row of texts as they are.</summary>
    public static void Add(this Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);
}
