using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Client.Evaluation;

/// <summary>Scores of many tasks: each task's own, their mean over tasks, and the mean over all rows. Not thread-safe.</summary>
public sealed class TaskScores
{
    private readonly List<(string Task, FitScores Scores)> _tasks = [];
    private readonly ScoreSum _all = new();
    private ScoreSum _current = new();

    /// <summary>Each task's scores, in the order in which they ended.</summary>
    public IReadOnlyList<(string Task, FitScores Scores)> Tasks => _tasks;

    /// <summary>The mean over tasks of each task's mean over its rows: every task counts the same.</summary>
    public FitScores OverTasks => new(
        _tasks.Average(task => task.Scores.MeanSquaredError),
        _tasks.Average(task => task.Scores.MeanNegativeLogDensity),
        _tasks.Average(task => task.Scores.Coverage95));

    /// <summary>The mean over all rows: every row counts the same.</summary>
    public FitScores OverRows => _all.Mean();

    /// <summary>Adds an observation of the current task and its prediction.</summary>
    public void Add(double observed, double mean, double variance)
    {
        _current.Add(observed, mean, variance);
        _all.Add(observed, mean, variance);
    }

    /// <summary>Ends the current task and begins the next.</summary>
    /// <exception cref="InvalidOperationException">The task has no observations.</exception>
    public void EndTask(string task)
    {
        _tasks.Add((task, _current.Mean()));
        _current = new ScoreSum();
    }
}
