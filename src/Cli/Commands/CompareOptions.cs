using System.CommandLine;
using AdaptCluster.Client.Comparisons;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary>The options of a comparison.</summary>
internal sealed class CompareOptions
{
    private readonly Option<string> _points = new("--k") { Description = "How many rows of a test task are seen, as in 5,10,20,50.", DefaultValueFactory = _ => "5,10,20,50" };

    private readonly Option<string?> _methods = new("--methods")
    {
        Description = "Some of none, mean-shift, last-layer, fine-tune, rbf, ablr, ntk, adapted, chosen, combined. Default: all.",
    };

    private readonly Option<double> _trainShare = new("--train-share") { Description = "The share of the tasks that are learned from.", DefaultValueFactory = _ => 0.5 };

    private readonly Option<int> _splits = new("--splits") { Description = "How many random splits of the tasks.", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _seed = new("--seed") { Description = "Seeds everything random.", DefaultValueFactory = _ => 0 };

    private readonly Option<int> _minTestRows = new("--min-test-rows")
    {
        Description = "A task is a test for k if it has at least this many rows beside the k.",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<int> _rowsPerTask = new("--rows-per-task")
    {
        Description = "Training tasks with more rows are cut into at most ten tasks of this size.",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<string> _rank = RankOption.Create();

    private readonly Option<string> _activation = new("--activation") { Description = "With --hidden: as in sources train.", DefaultValueFactory = _ => "tanh" };

    private readonly Option<int> _epochs = new("--epochs") { Description = "With --hidden: the most passes over the data.", DefaultValueFactory = _ => 200 };

    private readonly Option<int> _batchSize = new("--batch-size") { Description = "With --hidden: rows per gradient step.", DefaultValueFactory = _ => 256 };

    private readonly Option<double> _learningRate = new("--learning-rate") { Description = "With --hidden: Adam's step size.", DefaultValueFactory = _ => 1e-3 };

    /// <summary>Given where networks are trained.</summary>
    public Option<string> Hidden { get; } = new("--hidden")
    {
        Description = "Trains a network with hidden layers of these widths on the training tasks of every split, as in 64,64, instead of using a source.",
        DefaultValueFactory = _ => "64,64",
    };

    /// <summary>With <see cref="Hidden"/>.</summary>
    public Option<string?> Features { get; } = new("--features") { Description = "With --hidden: the input columns, as in a,b. Default: all but task and target." };

    /// <summary>Where figure and report go.</summary>
    public Option<string?> Folder { get; } = new("--out") { Description = "A folder for comparison.png and report.json; made if it is not there." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _points, _methods, _trainShare, _splits, _seed, _minTestRows, _rowsPerTask, _rank, Hidden, Features, _activation, _epochs, _batchSize, _learningRate, Folder,
        })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What is compared, with the network of a source where one is named.</summary>
    /// <exception cref="InvalidInputException">An option is out of range.</exception>
    public ComparisonOptions Read(CommandContext context, string? source)
    {
        double share = context.Get(_trainShare);
        return share is > 0 and < 1
            ? new ComparisonOptions
            {
                Source = source,
                Methods = context.Names(_methods) ?? [],
                Points = context.Counts(_points),
                TrainShare = share,
                Splits = context.Positive(_splits),
                Seed = context.Get(_seed),
                MinTestRows = context.Positive(_minTestRows),
                RowsPerTask = context.Positive(_rowsPerTask),
                Rank = RankOption.Read(context, _rank),
            }
            : throw new InvalidInputException(_trainShare.Name, $"it is {share}", "give a number between 0 and 1");
    }

    /// <summary>The same with a network that is trained on every split.</summary>
    /// <exception cref="InvalidInputException">An option is out of range.</exception>
    public ComparisonOptions Training(CommandContext context, ComparisonOptions options, InputSchema schema, IReadOnlyList<string> targets) => new()
    {
        Schema = schema,
        Targets = targets,
        Training = new TrainingOptions
        {
            Hidden = context.Widths(Hidden),
            Activation = context.Get(_activation),
            Epochs = context.Positive(_epochs),
            BatchSize = context.Positive(_batchSize),
            LearningRate = context.Positive(_learningRate),
        },
        Methods = options.Methods,
        Points = options.Points,
        TrainShare = options.TrainShare,
        Splits = options.Splits,
        Seed = options.Seed,
        MinTestRows = options.MinTestRows,
        RowsPerTask = options.RowsPerTask,
        Rank = options.Rank,
    };
}
