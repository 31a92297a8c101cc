using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Silo.Stores;

/// <summary>Reminders that report the store's failures as its own: whoever sets one can tell them from everything else, and try again.</summary>
/// <param name="inner">Keeps them.</param>
/// <param name="errors">Names the store.</param>
internal sealed class GuardedReminderTable(IReminderTable inner, StoreErrors errors) : IReminderTable
{
    private const string Subject = "reminders";

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => inner.StopAsync(cancellationToken);

    public Task<ReminderTableData> ReadRows(GrainId grainId) => GuardAsync(() => inner.ReadRows(grainId));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => GuardAsync(() => inner.ReadRows(begin, end));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => GuardAsync(() => inner.ReadRow(grainId, reminderName));

    public Task<string?> UpsertRow(ReminderEntry entry) => GuardAsync(() => inner.UpsertRow(entry));

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => GuardAsync(() => inner.RemoveRow(grainId, reminderName, eTag));

    public Task TestOnlyClearTable() => inner.TestOnlyClearTable();

    private async Task<T> GuardAsync<T>(Func<Task<T>> operation)
    {
        try
        {
            return await operation();
        }
        catch (Exception error) when (error is not (OperationCanceledException or AdaptException))
        {
            throw errors.Of(error, Subject);
        }
    }
}
