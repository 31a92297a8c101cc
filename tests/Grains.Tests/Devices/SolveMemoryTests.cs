using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Tests.Devices;

public sealed class SolveMemoryTests : IDisposable
{
    private readonly AdaptInstruments _instruments = new();

    public void Dispose() => _instruments.Dispose();

    [Fact]
    public void TryReserve_UpToTheBudget_ThenRefusedUntilSomethingIsFree()
    {
        var memory = new SolveMemory(Options.Create(new DeviceOptions { SolveMemoryBytes = 100 }), _instruments);

        SolveReservation first = memory.TryReserve(60)!;
        Assert.Null(memory.TryReserve(41));
        using SolveReservation? second = memory.TryReserve(40);
        Assert.NotNull(second);
        Assert.Equal((0, 2), (memory.FreeBytes, memory.Reservations));
        first.Dispose();
        first.Dispose();

        Assert.Equal((60, 1), (memory.FreeBytes, memory.Reservations));
    }

    [Fact]
    public void Validate_TooLittle_NamesTheOption()
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => new DeviceOptions { SolveMemoryBytes = 1_000 }.Validate());

        Assert.Equal("--solve-memory-mb: 0 MB are too few for any solve; give at least 1.", error.Message);
    }

    [Fact]
    public void SolveMemoryBytes_Default_HalfOfTheMachines() =>
        Assert.Equal(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2, new DeviceOptions().SolveMemoryBytes);

    [Fact]
    public void ResidentSolves_ReplacedRemovedAndDisposed_EachDisposedOnce()
    {
        var disposals = new List<string>();
        var solves = new ResidentSolves();
        solves.Put("a", new Owned("first", disposals));
        solves.Put("a", new Owned("second", disposals));
        solves.Put("b", new Owned("third", disposals));

        solves.Remove("b");
        solves.Remove("b");
        Assert.Throws<ObjectDisposedException>(() => solves.Get<Owned>("b"));
        solves.Dispose();

        Assert.Equal(["first", "third", "second"], disposals);
        Assert.Equal(0, solves.Count);
    }

    private sealed class Owned(string name, List<string> disposals) : IDisposable
    {
        public void Dispose() => disposals.Add(name);
    }
}
