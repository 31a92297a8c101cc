using System.Collections.Immutable;
using AdaptCluster.Client;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Sources;

[Collection(nameof(SharedSilo))]
public sealed class RegistrationTests(SharedSilo shared)
{
    [Fact]
    public async Task RegisterAsync_NewName_DescribedAsSent()
    {
        AdaptClient client = shared.NewTenant();
        var problem = new Problem(inputs: 3, outputs: 2, hidden: 4);
        DateTimeOffset before = DateTimeOffset.UtcNow;

        SourceDescription registered = await client.Source("s").RegisterAsync(problem.Registration);

        SourceDescription described = await client.Source("s").DescribeAsync();
        Assert.Equal("s", described.Name);
        Assert.Equal(["x0", "x1", "x2"], described.Schema.Columns.Select(column => column.Name));
        Assert.Equal(["y0", "y1"], described.Targets);
        Assert.Equal("3-4-2 tanh", described.Network.ToString());
        Assert.Equal((3 * 4) + 4 + (4 * 2) + 2, described.Parameters);
        Assert.Matches("^[0-9a-f]{64}$", described.ModelHash);
        Assert.InRange(described.Registered, before, DateTimeOffset.UtcNow);
        Assert.Null(described.Training);
        Assert.Null(described.Prior);
        Assert.Equal(registered.ModelHash, described.ModelHash);
        Assert.Equal(registered.Registered, described.Registered);
        Assert.Equal(["s"], (await client.ListSourcesAsync()).Select(source => source.Name));
    }

    [Fact]
    public async Task RegisterAsync_SameNetworkAgain_AcknowledgedAndNothingChanged()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        SourceDescription before = await source.DescribeAsync();

        SourceDescription again = await source.RegisterAsync(problem.Registration);

        Assert.Equal(before.Registered, again.Registered);
        Assert.Equal(1, again.Prior!.Version);
    }

    [Fact]
    public async Task RegisterAsync_AnotherNetworkUnderTheName_RefusedAndNothingChanged()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        string hash = (await source.DescribeAsync()).ModelHash;

        AlreadyExistsException error = await Assert.ThrowsAsync<AlreadyExistsException>(
            () => source.RegisterAsync(new Problem(seed: 2).Registration));

        Assert.Equal(("source", "source"), (error.Kind, error.Name));
        Assert.Equal("a source named 'source' exists already; choose another name.", error.Message);
        Assert.Equal(hash, (await source.DescribeAsync()).ModelHash);
    }

    [Fact]
    public async Task RegisterAsync_SeveralSources_ListedInOrdinalOrder()
    {
        AdaptClient client = shared.NewTenant();
        string[] names = ["b", "a", "Ä", "B", "a/b"];

        await Task.WhenAll(names.Select(name => client.Source(name).RegisterAsync(new Problem().Registration)));

        Assert.Equal(names.Order(StringComparer.Ordinal), (await client.ListSourcesAsync()).Select(source => source.Name));
    }

    [Fact]
    public async Task DescribeAsync_UnknownName_NotFoundWithRemedy()
    {
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => shared.NewTenant().Source("none").DescribeAsync());

        Assert.Equal("no source named 'none'; 'adapt sources list' shows those there are.", error.Message);
    }

    [Fact]
    public async Task RegisterAsync_CategoricalColumns_KeptWithTheirVocabulary()
    {
        AdaptClient client = shared.NewTenant();
        var schema = new InputSchema([new InputColumn("kind", ["a", "b, \"c\"", "é"]), new InputColumn("x", [])]);
        SourceRegistration registration = new Problem(inputs: 4).Registration with { Schema = schema };

        await client.Source("s").RegisterAsync(registration);

        ImmutableArray<InputColumn> columns = (await client.Source("s").DescribeAsync()).Schema.Columns;
        Assert.Equal(["a", "b, \"c\"", "é"], columns[0].Categories);
        Assert.False(columns[1].IsCategorical);
    }
}
