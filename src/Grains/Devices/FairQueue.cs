using System.Diagnostics.CodeAnalysis;

namespace AdaptCluster.Grains.Devices;

/// <summary>
/// Work of several tenants: first come, first served within a tenant, and between tenants as much work for one as for another, however many requests each has.
/// Not thread-safe.
/// </summary>
/// <remarks>Deficit round robin: Shreedhar and Varghese, <em>Efficient fair queueing using deficit round robin</em>, SIGCOMM 1995. The unit is the flop.</remarks>
/// <param name="quantum">What a tenant may have more done in each round.</param>
internal sealed class FairQueue(double quantum)
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly Queue<Line> _round = new(); // the lines that are not empty, whose turn it is first

    /// <summary>Adds work at the end of its tenant's line.</summary>
    public void Enqueue(LaneWork work)
    {
        if (!_lines.TryGetValue(work.Tenant, out Line? line))
        {
            line = new Line(work.Tenant);
            _lines.Add(work.Tenant, line);
            _round.Enqueue(line);
        }

        line.Work.Enqueue(work);
    }

    /// <summary>Takes what comes next.</summary>
    public bool TryDequeue([NotNullWhen(true)] out LaneWork? work)
    {
        while (_round.TryPeek(out Line? line))
        {
            // Who is alone waits for nobody, and saves nothing up.
            if (_round.Count == 1 || line.Work.Peek().Flops <= line.Deficit)
            {
                work = line.Work.Dequeue();
                line.Deficit = _round.Count == 1 ? 0 : line.Deficit - work.Flops;
                if (line.Work.Count == 0)
                {
                    _round.Dequeue();
                    _lines.Remove(line.Tenant);
                }

                return true;
            }

            line.Deficit += quantum;
            _round.Enqueue(_round.Dequeue());
        }

        work = null;
        return false;
    }

    /// <summary>Takes everything.</summary>
    public IReadOnlyList<LaneWork> Clear()
    {
        LaneWork[] all = [.. _round.SelectMany(line => line.Work)];
        _round.Clear();
        _lines.Clear();
        return all;
    }

    private sealed class Line(string tenant)
    {
        public string Tenant => tenant;

        public Queue<LaneWork> Work { get; } = new();

        public double Deficit { get; set; }
    }
}
