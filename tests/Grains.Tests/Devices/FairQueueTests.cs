using AdaptCluster.Grains.Devices;
using CsCheck;

namespace AdaptCluster.Grains.Tests.Devices;

public sealed class FairQueueTests
{
    private const double Quantum = 10;

    [Fact]
    public void TryDequeue_OneTenant_FirstComeFirstServed()
    {
        FairQueue queue = Queue(("a", 100), ("a", 1), ("a", 50));

        Assert.Equal([100, 1, 50], Drain(queue).Select(work => work.Flops));
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public void TryDequeue_SmallBehindLarge_GoesBetween()
    {
        FairQueue queue = Queue(("greedy", 40), ("greedy", 40), ("greedy", 40), ("modest", 5), ("modest", 5));

        Assert.Equal(["modest", "modest", "greedy", "greedy", "greedy"], Drain(queue).Select(work => work.Tenant));
    }

    // Shreedhar and Varghese, lemma 2: while two lines wait, the work that they got differs by less than a quantum and the largest piece.
    [Fact]
    public void TryDequeue_AnyWork_SharesDifferByAQuantumAndAPieceAtMost() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 30]).Array[1, 80].Sample(pieces =>
        {
            FairQueue queue = Queue([.. pieces.Select(piece => ($"t{piece.Item1}", (double)piece.Item2))]);
            var left = pieces.GroupBy(piece => $"t{piece.Item1}").ToDictionary(group => group.Key, group => group.Count());
            var got = left.Keys.ToDictionary(tenant => tenant, _ => 0.0);
            int taken = 0;
            while (queue.TryDequeue(out LaneWork? work))
            {
                taken++;
                got[work.Tenant] += work.Flops;
                left[work.Tenant]--;
                double[] waiting = [.. left.Where(tenant => tenant.Value > 0).Select(tenant => got[tenant.Key])];
                if (left.Values.All(count => count > 0))
                {
                    Assert.InRange(waiting.Max() - waiting.Min(), 0, (2 * Quantum) + 30);
                }
            }

            Assert.Equal(pieces.Length, taken);
        });

    private static FairQueue Queue(params (string Tenant, double Flops)[] work)
    {
        var queue = new FairQueue(Quantum);
        foreach ((string tenant, double flops) in work)
        {
            queue.Enqueue(new LaneWork<int>(new LaneShare(tenant, flops), _ => 0, CancellationToken.None));
        }

        return queue;
    }

    private static IEnumerable<LaneWork> Drain(FairQueue queue)
    {
        while (queue.TryDequeue(out LaneWork? work))
        {
            yield return work;
        }
    }
}
