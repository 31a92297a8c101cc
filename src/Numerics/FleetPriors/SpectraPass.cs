using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>The spectra of a fleet's tasks, a part at a time: for hosts that do other work in between. About as much work as an evaluation.</summary>
public sealed class SpectraPass
{
    private readonly FleetPart[] _parts;
    private readonly Prior _prior;
    private readonly MoveSum? _moves;
    private readonly TaskSpectra?[] _spectra;
    private int _next;

    internal SpectraPass(FleetPart[] parts, int tasks, Prior prior, MoveSum? moves)
    {
        _parts = parts;
        _prior = prior;
        _moves = moves;
        _spectra = new TaskSpectra?[tasks];
    }

    /// <summary>Whether all tasks are done.</summary>
    public bool IsComplete => _next == _parts.Length;

    /// <summary>About how many floating-point operations all of it takes.</summary>
    public double Flops => _parts.Sum(part => part.Flops);

    /// <summary>Computes the next tasks: some milliseconds, more for a large one.</summary>
    /// <returns>Whether all are done.</returns>
    public bool Advance()
    {
        if (!IsComplete)
        {
            _parts[_next++].Spectra(_prior, _spectra, _moves);
        }

        return IsComplete;
    }

    /// <summary>The spectra, by task.</summary>
    /// <exception cref="InvalidOperationException">It is not complete.</exception>
    public IReadOnlyList<TaskSpectra?> Result() =>
        IsComplete ? _spectra : throw new InvalidOperationException("The pass is not complete: advance it first.");
}
