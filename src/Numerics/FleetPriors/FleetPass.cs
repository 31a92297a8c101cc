using System.Collections.Immutable;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>One evaluation of a fleet's evidence, a part at a time: for hosts that do other work in between.</summary>
public sealed class FleetPass
{
    private readonly FleetPart[] _parts;
    private readonly Prior _prior;
    private readonly TaskTerms[] _terms;
    private readonly MoveSum? _moves;
    private readonly IReadOnlySet<int>? _heldOut;
    private readonly int _first;
    private readonly int _blocks;
    private int _next;

    internal FleetPass(FleetPart[] parts, int tasks, int first, Prior prior, MoveSum? moves, IReadOnlySet<int>? heldOut)
    {
        _parts = parts;
        _first = first;
        _prior = prior;
        _moves = moves;
        _heldOut = heldOut;
        _blocks = prior.BlockScales.Length;
        _terms = [.. Enumerable.Range(0, tasks).Select(_ => new TaskTerms(_blocks + prior.NoiseVariance.Length))];
    }

    /// <summary>How many tasks are done, those that are excluded with them.</summary>
    public int TasksDone { get; private set; }

    /// <summary>Whether all are.</summary>
    public bool IsComplete => _next == _parts.Length;

    /// <summary>About how many floating-point operations all of it takes.</summary>
    public double Flops => _parts.Sum(part => part.Flops);

    /// <summary>Computes the next tasks: some milliseconds, more for a large one.</summary>
    /// <returns>Whether all are done.</returns>
    public bool Advance()
    {
        if (!IsComplete)
        {
            FleetPart part = _parts[_next++];
            if (Array.Exists(part.Tasks, task => task.TakesPart))
            {
                part.Evaluate(_prior, _terms, _moves, _heldOut);
            }

            TasksDone += part.Tasks.Length;
        }

        return IsComplete;
    }

    /// <summary>The sum over the tasks, in their order whatever the parts were. Not a number where a task's evidence is not.</summary>
    /// <exception cref="InvalidOperationException">It is not complete.</exception>
    public FleetEvidenceValue Result() => Result(null);

    /// <summary>The same where tasks do not all count the same. Without shift and directions.</summary>
    /// <param name="weights">One per task, not negative; null: 1 each.</param>
    internal FleetEvidenceValue Result(IReadOnlyList<double>? weights)
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException("The pass is not complete: advance it first.");
        }

        int q = _blocks + _prior.NoiseVariance.Length;
        var sum = new TaskTerms(q);
        double observations = 0;
        ImmutableArray<TaskScore>.Builder scores = ImmutableArray.CreateBuilder<TaskScore>();
        for (int t = 0; t < _terms.Length; t++)
        {
            TaskTerms terms = _terms[t];
            if (terms.Observations > 0)
            {
                scores.Add(new TaskScore(_first + t, terms.Observations, terms.LogEvidence, terms.Misfit / terms.Observations));
                if (_heldOut?.Contains(t) != true)
                {
                    double weight = weights?[t] ?? 1;
                    sum.Add(terms, weight);
                    observations += weight * terms.Observations;
                }
            }
        }

        var gradient = new EvidenceGradient([.. sum.Gradient[.._blocks]], [.. sum.Gradient[_blocks..]]);

        // Of a portion none may take part; weighted observations are rounded to something to divide by.
        int counted = weights is null ? (int)observations : (int)Math.Max(1, Math.Round(observations));
        return new FleetEvidenceValue(new EvidenceValue(sum.LogEvidence, gradient, counted), [.. sum.Information], scores.DrainToImmutable())
        {
            Moves = _moves is null ? [] : [.. _moves.Gradient],
        };
    }
}
