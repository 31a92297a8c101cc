using AdaptCluster.Silo.Stores;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>When a version is known, and when the store is asked.</summary>
public sealed class RecordVersionsTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Begin_NothingKnown_TheStoreDecidesOnceAndIsNotAskedAgain()
    {
        var versions = new RecordVersions(_clock);
        Assert.Null(versions.Begin(Write("k", "", "e1")));
        Assert.Null(versions.Begin(Write("other", "", "x")));
        versions.Decided("k", "e1");

        Assert.False(versions.Begin(Write("k", "", "e2")));
        Assert.True(versions.Begin(Write("k", "e1", "e2")));
    }

    [Fact]
    public void Begin_ReadBefore_IsKnown()
    {
        var versions = new RecordVersions(_clock);
        versions.Read("k", "e1", versions.BeginRead());
        versions.Read("new", "", versions.BeginRead());

        Assert.True(versions.Begin(Write("k", "e1", "e2")));
        Assert.True(versions.Begin(Write("new", "", "e1")));
    }

    [Fact]
    public void Begin_TwoWritersOfOneVersion_OneIsRefused()
    {
        RecordVersions versions = Knowing("k", "e1");

        Assert.True(versions.Begin(Write("k", "e1", "a")));
        Assert.False(versions.Begin(Write("k", "e1", "b")));
        versions.Written("k", isAcknowledged: true);

        Assert.False(versions.Begin(Write("k", "e1", "b")));
        Assert.True(versions.Begin(Write("k", "a", "b")));
    }

    [Fact]
    public void Read_OldVersionWhileAWriteIsOnItsWay_DoesNotLetItsReaderWrite()
    {
        RecordVersions versions = Knowing("k", "e1");
        Assert.True(versions.Begin(Write("k", "e1", "a")));

        versions.Read("k", "e1", versions.BeginRead());

        Assert.False(versions.Begin(Write("k", "e1", "b")));
    }

    [Fact]
    public void Read_OldVersionWhileTheStoreDecides_DoesNotBecomeKnown()
    {
        var versions = new RecordVersions(_clock);
        Assert.Null(versions.Begin(Write("k", "e1", "a")));

        versions.Read("k", "e1", versions.BeginRead());
        Assert.Null(versions.Begin(Write("k", "e1", "b")));
        versions.Decided("k", "a");
        Assert.Null(versions.Begin(Write("k", "e1", "c"))); // one of two is still undecided
        versions.Decided("k", null);
        versions.Decided("k", null);

        Assert.Null(versions.Begin(Write("k", "a", "d")));
    }

    [Fact]
    public void Read_OvertakenBySomethingForgotten_IsNotTaken()
    {
        RecordVersions versions = Knowing("k", "e1");
        long since = versions.BeginRead();
        versions.Forget("k");

        versions.Read("k", "e1", since);

        Assert.Null(versions.Begin(Write("k", "e1", "a")));
    }

    [Fact]
    public void Read_AnotherVersionThanTheKnown_TheStoreIsAsked()
    {
        RecordVersions versions = Knowing("k", "e1");

        versions.Read("k", "e7", versions.BeginRead());

        Assert.Null(versions.Begin(Write("k", "e7", "a")));
    }

    [Fact]
    public void BeginRemoval_AnotherVersion_Refused()
    {
        RecordVersions versions = Knowing("k", "e1");
        Assert.False(versions.BeginRemoval("k", "e0"));
        Assert.True(versions.BeginRemoval("k", "e1"));
        Assert.Null(versions.Begin(Write("k", "e1", "a"))); // while it is being removed
        versions.Decided("k", null);
        versions.Decided("k", null);

        Assert.Null(versions.Begin(Write("k", "", "a")));
    }

    [Fact]
    public void Written_NotAcknowledged_EveryWriteIsAskedAboutForAMinute()
    {
        RecordVersions versions = Knowing("k", "e1");
        versions.Read("other", "o1", versions.BeginRead());
        Assert.True(versions.Begin(Write("k", "e1", "a")));

        versions.Written("k", isAcknowledged: false);

        versions.Read("k", "e1", versions.BeginRead());
        foreach ((string key, string etag) in new[] { ("k", "e1"), ("other", "o1") })
        {
            Assert.Null(versions.Begin(Write(key, etag, "b")));
            versions.Decided(key, "b");
            Assert.Null(versions.Begin(Write(key, "b", "c")));
            versions.Decided(key, "c");
        }

        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Null(versions.Begin(Write("k", "c", "d")));
        versions.Decided("k", "d");
        Assert.True(versions.Begin(Write("k", "d", "e")));
    }

    [Fact]
    public void Begin_MoreThanAreKept_AreForgottenButNotThoseUnderWay()
    {
        var versions = new RecordVersions(_clock, most: 3);
        Assert.Null(versions.Begin(Write("asked", "", "a")));
        versions.Read("sent", "e1", versions.BeginRead());
        Assert.True(versions.Begin(Write("sent", "e1", "e2")));
        versions.Read("idle", "e1", versions.BeginRead());

        versions.Read("new", "e1", versions.BeginRead());

        Assert.False(versions.Begin(Write("sent", "e1", "x")));
        Assert.Null(versions.Begin(Write("idle", "e1", "x")));
        versions.Decided("asked", "a");
    }

    private static RecordWrite Write(string key, string etag, string next) => new(key, etag, next, ReadOnlyMemory<byte>.Empty);

    private RecordVersions Knowing(string key, string etag)
    {
        var versions = new RecordVersions(_clock);
        versions.Read(key, etag, versions.BeginRead());
        return versions;
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
