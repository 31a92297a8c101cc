using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Grains.Tasks;

/// <summary>
/// Counts a task's attempts in the store, before each starts: one that takes the silo down was counted, and after the third the task
/// is left alone.
/// </summary>
/// <param name="key">Which task.</param>
/// <param name="commit">Writes a state.</param>
/// <param name="current">The state that is durable.</param>
internal sealed class TaskAttempts(TaskKey key, Func<TargetTaskState, CancellationToken, Task> commit, Func<TargetTaskState?> current)
{
    /// <summary>After so many attempts that ended with their silo, the task is left alone.</summary>
    private const int Most = 3;

    /// <summary>Whether an attempt of this activation is counted in the store: this silo outlived it, so the next one is no further.</summary>
    private bool _isCounted;

    /// <summary>Quarantines a task whose last attempt its silo did not outlive, if it was one too many.</summary>
    public Task TakeUpAsync(TargetTaskState? left, CancellationToken cancellationToken) =>
        left is { Attempts: >= Most, Status: TargetTaskStatus.Solving, Solve: null } ? QuarantineAsync(left, cancellationToken) : Task.CompletedTask;

    /// <summary>Writes that there is an attempt now.</summary>
    /// <exception cref="QuarantinedException">There were too many.</exception>
    public async Task<TargetTaskState> BeginAsync(TargetTaskState state, CancellationToken cancellationToken)
    {
        await RefuseQuarantinedAsync(state, cancellationToken);
        TargetTaskState next = state with { Status = TargetTaskStatus.Solving, Attempts = state.Attempts + (_isCounted ? 0 : 1) };
        try
        {
            await commit(next, cancellationToken);
        }
        finally
        {
            // Also where what is written beside it failed, the name in an index of a silo that just died for example.
            _isCounted |= current() is { Status: TargetTaskStatus.Solving } written && written.Attempts == next.Attempts;
        }

        return next;
    }

    /// <exception cref="QuarantinedException">There were too many.</exception>
    public async Task RefuseQuarantinedAsync(TargetTaskState state, CancellationToken cancellationToken)
    {
        if (state.Attempts >= Most && !_isCounted)
        {
            if (state.Status != TargetTaskStatus.Quarantined)
            {
                await QuarantineAsync(state, cancellationToken);
            }

            throw new QuarantinedException(key.Task, state.Attempts);
        }
    }

    /// <summary>A state was written: whether an attempt is counted in it.</summary>
    public void Committed(TargetTaskState state) => _isCounted &= state.Attempts > 0;

    private Task QuarantineAsync(TargetTaskState state, CancellationToken cancellationToken) => commit(
        state with { Status = TargetTaskStatus.Quarantined, Failure = $"{state.Attempts} attempts to adapt it ended with the silo" }, cancellationToken);
}
