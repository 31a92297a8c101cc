using AdaptCluster.Grains.Interfaces.Panels;

namespace AdaptCluster.Grains.Panels;

/// <summary>The last thing that was told of a solve, and word of the next. Used by one grain, within its turns.</summary>
internal sealed class PanelFeed
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it stands.</summary>
    public PanelProgress Current { get; private set; } = new(PanelPhase.Idle, 0, 0, 1, 0, 0);

    /// <summary>Ends when <see cref="Current"/> is another one.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Tells; the same again tells nobody.</summary>
    public void Report(PanelProgress progress)
    {
        if (progress != Current)
        {
            Current = progress;
            TaskCompletionSource changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }
    }
}
