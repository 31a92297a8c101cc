namespace AdaptCluster.Silo.Tests.Support;

/// <summary>Sets itself a reminder and counts how often it is woken, in this process.</summary>
[Alias("adapt.tests.IAlarmGrain")]
public interface IAlarmGrain : IGrainWithStringKey
{
    [Alias("Set")]
    Task SetAsync(TimeSpan period);
}
