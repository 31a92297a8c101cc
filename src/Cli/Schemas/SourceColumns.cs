using System.Collections.Immutable;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Schemas;

/// <summary>Which columns of a file a source reads: those of its schema by name, or of a positional source whatever there is, in file order.</summary>
internal static class SourceColumns
{
    /// <summary>The columns of targets that an option names.</summary>
    /// <exception cref="InvalidInputException">The source predicts others.</exception>
    public static ImmutableArray<string> Targets(SourceDescription source, string option)
    {
        ImmutableArray<string> named = source.Targets.Length == 1 ? [option] : Split(option);
        bool fits = source.IsPositional ? named.Length == source.Targets.Length : named.SequenceEqual(source.Targets);
        if (fits)
        {
            return named;
        }

        string expected = string.Join(",", source.Targets);
        string remedy = source.IsPositional
            ? $"name {source.Targets.Length} columns separated by commas, as in {expected}"
            : $"use {expected}, or rename the column{(source.Targets.Length == 1 ? string.Empty : "s")}";
        throw new InvalidInputException(
            "--target", $"source '{source.Name}' predicts {(source.IsPositional ? $"{source.Targets.Length} targets" : expected)}, not '{option}'", remedy);
    }

    /// <summary>Names separated by commas.</summary>
    public static ImmutableArray<string> Split(string option) =>
        [.. option.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The source's schema in this file's own names.</summary>
    /// <param name="source">The source.</param>
    /// <param name="table">The file.</param>
    /// <param name="others">Columns that are no inputs: the task, the targets.</param>
    /// <exception cref="TableException">The columns of the file do not add up to what a positional source reads.</exception>
    public static InputSchema Schema(SourceDescription source, Table table, IReadOnlyCollection<string> others)
    {
        if (!source.IsPositional)
        {
            return source.Schema;
        }

        TableColumn[] columns = [.. table.Names.Where(name => !others.Contains(name)).Select(table.RequireColumn)];
        int[] widths = Widths(columns, source.Schema.Width);
        if (widths.Sum(width => (long)width) != source.Schema.Width)
        {
            throw new TableException(
                table.Source,
                $"source '{source.Name}' reads {source.Schema.Width} numbers, but the columns besides {Quote.Some(others, 5)} have {widths.Sum(width => (long)width)} ({Quote.Some([.. columns.Select(column => column.Name)], 12)})",
                "leave in the inputs alone, name targets with --target, or import the source again with a --schema that names its columns");
        }

        bool[] isIndex = [.. source.Schema.Columns.SelectMany(column => Enumerable.Repeat(column.IsIndex, column.Width))];
        var schema = ImmutableArray.CreateBuilder<InputColumn>(columns.Length);
        int at = 0;
        for (int i = 0; i < columns.Length; i++)
        {
            RequireNumbers(table, columns[i]);
            schema.Add(new InputColumn(columns[i].Name, [])
            {
                Length = widths[i],
                IsIndex = isIndex.AsSpan(at, widths[i]).IndexOf(false) < 0,
            });
            at += widths[i];
        }

        return new InputSchema(schema.MoveToImmutable());
    }

    /// <summary>One for a number, a list's length for lists; grey images are read as colours where that is what is missing.</summary>
    private static int[] Widths(TableColumn[] columns, int sum)
    {
        int[] widths = Array.ConvertAll(columns, column => column is TensorColumn tensor ? tensor.Length : 1);
        int only = Array.FindIndex(columns, column => column is TensorColumn);
        if (only >= 0 && only == Array.FindLastIndex(columns, column => column is TensorColumn))
        {
            int length = sum - (columns.Length - 1);
            widths[only] = ((TensorColumn)columns[only]).WithLength(length)?.Length ?? widths[only];
        }

        return widths;
    }

    private static void RequireNumbers(Table table, TableColumn column)
    {
        if (column is TextColumn)
        {
            throw new TableException(
                table.Source,
                "this is text, but the source reads numbers by position",
                "leave the column out, or import the source again with a --schema that has its categories",
                column: column.Name);
        }
    }
}
