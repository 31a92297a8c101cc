using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Solves;

namespace AdaptCluster.Grains.Tasks;

/// <inheritdoc cref="ITaskGroupGrain"/>
/// <remarks>
/// Each task's own grain does the work, so that a task is one thing whoever asks; these calls stay within the silo. What they have in common comes together
/// where it costs: on the device's lane and in the store's writes. Tasks that are nowhere yet are placed on the group's silo.
/// </remarks>
internal sealed class TaskGroupGrain(ILocalSiloDetails silo) : Grain, ITaskGroupGrain
{
    private SourceKey _source = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        _source = SourceKey.Parse(key[..key.LastIndexOf('/')]);
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<TaskAdaptation>> AdaptAsync(ImmutableArray<TaskObservations> tasks, CancellationToken cancellationToken)
    {
        Begin(tasks.Length);
        return ImmutableArray.Create(await Task.WhenAll(tasks.Select(async task =>
        {
            try
            {
                return new TaskAdaptation(await TaskOf(task.Task).AdaptAsync(task.Batch, null, cancellationToken), null);
            }
            catch (AdaptException error)
            {
                return new TaskAdaptation(null, error);
            }
        })));
    }

    public async Task<ImmutableArray<TaskPrediction>> PredictAsync(ImmutableArray<TaskQuery> tasks, CancellationToken cancellationToken)
    {
        Begin(tasks.Length);
        return ImmutableArray.Create(await Task.WhenAll(tasks.Select(async task =>
        {
            try
            {
                return new TaskPrediction(await TaskOf(task.Task).PredictAsync(task.Request, cancellationToken), null);
            }
            catch (AdaptException error)
            {
                return new TaskPrediction(null, error);
            }
        })));
    }

    private void Begin(int tasks)
    {
        if (tasks > ITaskGroupGrain.MaxTasks)
        {
            throw new InvalidInputException("tasks", $"they are {tasks}", $"send at most {ITaskGroupGrain.MaxTasks} in one message");
        }

        SiloDevices.Hint(silo.SiloAddress.ToParsableString());
    }

    private ITargetTaskGrain TaskOf(string name) =>
        GrainFactory.GetGrain<ITargetTaskGrain>(new TaskKey(_source.Tenant, _source.Source, EntityName.Require(name, "task")).ToString());
}
