using System.Reflection;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace AdaptCluster.Grains.Tests.Errors;

/// <summary>Every error arrives as it was thrown: through the serializer that silo and client share.</summary>
[Collection(nameof(SharedSilo))]
public sealed class ErrorsOnTheWireTests(SharedSilo shared)
{
    private static readonly AdaptException[] All =
    [
        new AdaptationFailedException("the kernel matrix is not positive definite; raise the noise variance."),
        new AlreadyExistsException("source", "näme"),
        new BusyException(8_192, TimeSpan.FromSeconds(1.5)),
        new CallLostException("AdaptAsync of targettask/default/s/t", TimeSpan.FromSeconds(2), isTimeout: true, new InvalidOperationException("inner")),
        new ClusterUnreachableException("127.0.0.1:1", new InvalidOperationException("inner")),
        new IncompatibleBuildException("this client", new(1, "0.1.0"), "the cluster's silo", new(2, "0.2.0"), "use the version that the cluster is"),
        new InvalidInputException("--port", "70000 is no port", "give another"),
        new NotFoundException("task", "t", "list them"),
        new QuarantinedException("t", 3),
        new QuotaExceededException("tenant", "tasks", 5),
        new QuotaExceededException("tenant", "adaptations under way", 2, TimeSpan.FromSeconds(1)),
        new StoreException("a record is damaged; restore a backup.", isRetryable: false),
        new StoreException("the store does not answer; try again.", isRetryable: true),
        new TooLargeException("t", "no way to solve this task fits the memory; observe fewer rows.", 1L << 40),
    ];

    public static TheoryData<int> Indices => new(Enumerable.Range(0, All.Length));

    [Theory]
    [MemberData(nameof(Indices))]
    public void RoundTrip_EveryError_SameTypeMessageAndProperties(int index)
    {
        AdaptException error = All[index];
        Serializer serializer = shared.Silo.Silo.Services.GetRequiredService<Serializer>();

        var back = (AdaptException?)serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(error))!;

        Assert.IsType(error.GetType(), back);
        Assert.All(PropertiesOf(error), property => Assert.Equal(property.GetValue(error), property.GetValue(back)));
        Assert.Equal(error.InnerException?.Message, back.InnerException?.Message);
    }

    [Fact]
    public void Errors_EveryTypeThereIs_IsTestedHere()
    {
        IEnumerable<Type> types = typeof(AdaptException).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(AdaptException)) && !type.IsAbstract);

        Assert.Equal(types.OrderBy(type => type.Name), All.Select(error => error.GetType()).Distinct().OrderBy(type => type.Name));
    }

    [Theory]
    [MemberData(nameof(Indices))]
    public void Message_EveryError_IsOneLineThatEndsInAPeriod(int index)
    {
        Assert.DoesNotContain('\n', All[index].Message);
        Assert.EndsWith(".", All[index].Message);
    }

    private static IEnumerable<PropertyInfo> PropertiesOf(AdaptException error) =>
        error.GetType().GetProperties().Where(property => property.DeclaringType!.Assembly == typeof(AdaptException).Assembly || property.Name == "Message");
}
