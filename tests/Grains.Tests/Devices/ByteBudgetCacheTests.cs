using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Telemetry;
using CsCheck;

namespace AdaptCluster.Grains.Tests.Devices;

public sealed class ByteBudgetCacheTests : IDisposable
{
    private readonly AdaptInstruments _instruments = new();
    private readonly List<string> _events = [];

    public void Dispose() => _instruments.Dispose();

    [Fact]
    public void Add_OverTheBudget_LeastRecentlyUsedGoesAndIsDisposed()
    {
        using ByteBudgetCache<string, Item> cache = Cache(100);
        Put(cache, "a", 40);
        Put(cache, "b", 40);
        Assert.True(cache.TryGet("a", out _));

        Put(cache, "c", 40);

        Assert.Equal(["removing b", "disposed b"], _events);
        Assert.False(cache.TryGet("b", out _));
        Assert.True(cache.TryGet("a", out _));
        Assert.Equal((2, 80), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void Add_OneEntryOverTheWholeBudget_StaysAloneUntilTheNext()
    {
        using ByteBudgetCache<string, Item> cache = Cache(100);
        Put(cache, "a", 10);

        Put(cache, "huge", 500);
        Assert.Equal(["removing a", "disposed a"], _events);
        Assert.True(cache.TryGet("huge", out _));
        Put(cache, "b", 10);

        Assert.Equal(["removing a", "disposed a", "removing huge", "disposed huge"], _events);
        Assert.Equal((1, 10), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void Add_SameKeyAgain_OldValueIsDisposedAndCountedOnce()
    {
        using ByteBudgetCache<string, Item> cache = Cache(100);
        Put(cache, "a", 30);

        Put(cache, "a", 50);

        Assert.Equal(["removing a", "disposed a"], _events);
        Assert.Equal((1, 50), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void GetOrAdd_HeldAndNotHeld_CreatesOnce()
    {
        using ByteBudgetCache<string, Item> cache = Cache(100);
        int created = 0;

        Item first = cache.GetOrAdd("a", Create, item => item.Bytes);
        Item second = cache.GetOrAdd("a", Create, item => item.Bytes);

        Assert.Same(first, second);
        Assert.Equal((1, 7), (created, cache.Bytes));

        Item Create()
        {
            created++;
            return new Item("a", 7, _events);
        }
    }

    [Fact]
    public void RemoveAll_SomeKeys_ThoseAreDisposed()
    {
        using ByteBudgetCache<string, Item> cache = Cache(100);
        Put(cache, "a1", 10);
        Put(cache, "b1", 10);
        Put(cache, "a2", 10);

        cache.RemoveAll(key => key.StartsWith('a'));

        Assert.Equal(["removing a1", "disposed a1", "removing a2", "disposed a2"], _events);
        Assert.Equal((1, 10), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void Dispose_Entries_EachIsToldAndDisposed()
    {
        ByteBudgetCache<string, Item> cache = Cache(100);
        Put(cache, "a", 10);
        Put(cache, "b", 10);

        cache.Dispose();

        Assert.Equal(["removing b", "disposed b", "removing a", "disposed a"], _events);
        Assert.Equal((0, 0), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void AnySequence_AgainstAListInOrderOfUse_SameEntries() =>
        Gen.Select(Gen.Int[0, 6], Gen.Long[1, 60], Gen.Int[0, 2]).Array[0, 60].Sample(steps =>
        {
            using var cache = new ByteBudgetCache<int, long>("test", 100, _instruments);
            var model = new List<(int Key, long Bytes)>(); // the most recently used is last
            foreach ((int key, long bytes, int kind) in steps)
            {
                int at = model.FindIndex(entry => entry.Key == key);
                switch (kind)
                {
                    case 0:
                        cache.Add(key, bytes, bytes);
                        model.RemoveAll(entry => entry.Key == key);
                        model.Add((key, bytes));
                        while (model.Count > 1 && model.Sum(entry => entry.Bytes) > 100)
                        {
                            model.RemoveAt(0);
                        }

                        break;
                    case 1:
                        Assert.Equal(at >= 0, cache.TryGet(key, out long value));
                        if (at >= 0)
                        {
                            Assert.Equal(model[at].Bytes, value);
                            model.Add(model[at]);
                            model.RemoveAt(at);
                        }

                        break;
                    default:
                        cache.Remove(key);
                        model.RemoveAll(entry => entry.Key == key);
                        break;
                }

                Assert.Equal((model.Count, model.Sum(entry => entry.Bytes)), (cache.Count, cache.Bytes));
            }
        });

    private ByteBudgetCache<string, Item> Cache(long budget) => new("test", budget, _instruments, key => _events.Add($"removing {key}"));

    private void Put(ByteBudgetCache<string, Item> cache, string key, long bytes) => cache.Add(key, new Item(key, bytes, _events), bytes);

    private sealed record Item(string Name, long Bytes, List<string> Events) : IDisposable
    {
        public void Dispose() => Events.Add($"disposed {Name}");
    }
}
