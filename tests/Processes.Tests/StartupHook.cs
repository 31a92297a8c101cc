using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

/// <summary>
/// Loaded by the runtime into a process that these tests start with <c>DOTNET_STARTUP_HOOKS</c>: ends it as a native abort does, in the
/// middle of an attempt to adapt a task whose name says so. The product knows nothing of it.
/// </summary>
internal static partial class StartupHook
{
    /// <summary>The name of such a task.</summary>
    public const string Poisonous = "poisonous";

    private const string Source = "AdaptCluster";
    private const string Transitions = "adapt.task.transitions";

    private static readonly List<IDisposable> s_listeners = [];

    /// <summary>What the runtime calls before the program's own beginning.</summary>
    public static void Initialize()
    {
        var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(activities);
        var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == Transitions)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (tags.ToArray().Any(tag => (string?)tag.Value == "Solving")
                && Activity.Current?.GetTagItem("adapt.task") is string task && task.Contains(Poisonous, StringComparison.Ordinal))
            {
                Abort();
            }
        });
        meters.Start();
        s_listeners.AddRange([activities, meters]);
    }

    [LibraryImport("libc", EntryPoint = "abort")]
    private static partial void Abort();
}
