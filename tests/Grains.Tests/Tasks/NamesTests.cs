using AdaptCluster.Client;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class NamesTests(SharedSilo shared)
{
    public static TheoryData<string> Unusual => new(
        "a/b", "/", "a b", "Zürich 東京 🚆", "'it's'", "\"quoted\"", "%2F", "a%b", "..", ".", "a\\b", "{x}", "*?[a]", "a:b", "+", "a#b", "e\u0301",
        new string('長', 200));

    [Theory]
    [MemberData(nameof(Unusual))]
    public async Task AdaptAsync_UnusualNames_FoundUnderExactlyThem(string name)
    {
        var problem = new Problem();
        string tenant = shared.NewTenant().Tenant + name;
        SourceHandle source = await problem.RegisterAsync(shared.Silo.Client(tenant[..Math.Min(200, tenant.Length)]), name);

        TaskDescription adapted = await source.Task(name).AdaptAsync(problem.Rows(5));

        Assert.Equal((name, name), (adapted.Name, adapted.Source));
        Assert.Equal([name], await source.ListTaskNamesAsync());
        Assert.Equal(adapted, await source.Task(name).DescribeAsync());
        Assert.Equal(1, (await source.Task(name).PredictAsync(problem.NewInputs(1))).Version);
    }

    [Fact]
    public async Task AdaptAsync_NamesThatDifferInOneCharacter_AreDifferentTasks()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        string[] names = ["a", "A", "a\u00a0b", "a b", "a/b", "a%2Fb", "é", "e\u0301"];

        await Task.WhenAll(names.Select((name, i) => source.Task(name).ObserveAsync(problem.Rows(i + 2))));

        Assert.Equal(names.Order(StringComparer.Ordinal), await source.ListTaskNamesAsync());
        foreach ((string name, int i) in names.Select((name, i) => (name, i)))
        {
            Assert.Equal(i + 2, (await source.Task(name).DescribeAsync()).Observations);
        }
    }

    [Fact]
    public async Task Tenants_SameNames_DoNotSeeEachOther()
    {
        var problem = new Problem();
        var other = new Problem(seed: 2);
        AdaptClient one = shared.NewTenant(), two = shared.NewTenant(), empty = shared.NewTenant();
        SourceHandle first = await problem.RegisterAsync(one);
        SourceHandle second = await other.RegisterAsync(two);
        await first.Task("t").AdaptAsync(problem.Rows(5));
        await second.Task("t").AdaptAsync(other.Rows(7));
        await second.Task("only here").ObserveAsync(other.Rows(3));

        Assert.NotEqual((await first.DescribeAsync()).ModelHash, (await second.DescribeAsync()).ModelHash);
        Assert.Equal(["t"], await first.ListTaskNamesAsync());
        Assert.Equal(5, (await first.Task("t").DescribeAsync()).Observations);
        Assert.Equal(7, (await second.Task("t").DescribeAsync()).Observations);
        Assert.Empty(await empty.ListSourcesAsync());
        await Assert.ThrowsAsync<NotFoundException>(() => empty.Source("source").Task("t").DescribeAsync());
        await first.Task("t").DeleteAsync();
        Assert.Equal(7, (await second.Task("t").DescribeAsync()).Observations);
    }

    [Fact]
    public async Task FindTaskAsync_OneNoneAndSeveral_FoundNotFoundRefused()
    {
        var problem = new Problem();
        AdaptClient client = shared.NewTenant();
        SourceHandle north = await problem.RegisterAsync(client, "north");
        SourceHandle south = await problem.RegisterAsync(client, "south");
        await north.Task("one").ObserveAsync(problem.Rows(2));
        await north.Task("both").ObserveAsync(problem.Rows(2));
        await south.Task("both").ObserveAsync(problem.Rows(2));

        TaskHandle found = await client.FindTaskAsync("one");

        Assert.Equal(north.Task("one").Key, found.Key);
        await Assert.ThrowsAsync<NotFoundException>(() => client.FindTaskAsync("none"));
        InvalidInputException several = await Assert.ThrowsAsync<InvalidInputException>(() => client.FindTaskAsync("both"));
        Assert.Equal("task: 'both' exists under the sources north, south; name one with --source.", several.Message);
    }
}
