using System.CommandLine;

namespace AdaptCluster.Cli.Commands;

/// <summary>The options that say what to read of a data file.</summary>
internal sealed class DataOptions
{
    public Option<string> Data { get; } = new("--data") { Description = "A CSV (.csv, .csv.gz) or Parquet file, or a folder of images with an index.csv.", Required = true };

    public Option<string> Task { get; } = new("--task") { Description = "The column that names the task of a row.", Required = true };

    public Option<string> Target { get; } = new("--target") { Description = "The column to predict; several separated by commas where the network has several outputs.", Required = true };

    public Option<bool> DropMissing { get; } = new("--drop-missing") { Description = "Leaves out rows with missing values instead of refusing them." };

    public Option<int> MinRows { get; } = new("--min-rows")
    {
        Description = "Leaves out tasks with fewer rows instead of refusing them; 0 refuses them.",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command, bool target, bool minRows)
    {
        command.Options.Add(Data);
        command.Options.Add(Task);
        if (target)
        {
            command.Options.Add(Target);
        }

        command.Options.Add(DropMissing);
        if (minRows)
        {
            command.Options.Add(MinRows);
        }
    }
}
