using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Commands;

/// <summary>Tasks that are too small to say anything: refused, or left out when the user asked for that.</summary>
internal static class TaskSizes
{
    /// <summary>The fewest rows of a task: with one, noise and function cannot be told apart.</summary>
    public const int Fewest = 2;

    /// <param name="tasks">The tasks of the file.</param>
    /// <param name="minRows">0 to refuse tasks with fewer than <see cref="Fewest"/> rows; else tasks with fewer are left out.</param>
    /// <param name="table">The file, for places.</param>
    /// <param name="output">Told what is left out.</param>
    /// <param name="existing">Tasks that hold rows already: any number may be added to them.</param>
    /// <exception cref="TableException">A task is too small, or none is left.</exception>
    public static IReadOnlyList<LabelledGroup> Require(
        IReadOnlyList<LabelledGroup> tasks, int minRows, Table table, CommandOutput output, IReadOnlySet<string>? existing = null)
    {
        if (minRows > 0)
        {
            LabelledGroup[] kept = [.. tasks.Where(task => task.Rows.Count >= Math.Max(minRows, Fewest))];
            if (kept.Length == 0)
            {
                throw new TableException(table.Source, $"no task has {minRows} rows", "give more rows or a smaller --min-rows");
            }

            if (kept.Length < tasks.Count)
            {
                output.Note($"{tasks.Count - kept.Length} of {tasks.Count} tasks have fewer than {minRows} rows and are left out");
            }

            return kept;
        }

        LabelledGroup? small = tasks.FirstOrDefault(
            task => task.Rows.Count < Fewest && existing?.Contains(task.Group.Task) != true);
        return small is null
            ? tasks
            : throw new TableException(
                table.Source,
                $"task '{small.Group.Task}' has one row; a task needs at least {Fewest}",
                $"add rows, or leave small tasks out with --min-rows {Fewest}",
                table.Place(small.Group.Rows[0]));
    }

    /// <exception cref="InvalidInputException">A task may not be called that.</exception>
    public static void RequireNames(IReadOnlyList<LabelledGroup> tasks, Table table)
    {
        foreach (LabelledGroup task in tasks)
        {
            try
            {
                Grains.Interfaces.Naming.EntityName.Require(task.Group.Task, "task");
            }
            catch (InvalidInputException error)
            {
                throw new InvalidInputException(
                    $"{Path.GetFileName(table.Source)}, {table.Place(task.Group.Rows[0])}", error.Message.TrimEnd('.'), "change the name");
            }
        }
    }
}
