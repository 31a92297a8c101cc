using System.Collections.Immutable;
using System.Threading.Channels;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>A fleet whose evidence others compute: the optimiser's thread asks, and waits. What was answered before is answered from memory.</summary>
/// <param name="roster">Who takes part.</param>
/// <param name="answers">What was answered before.</param>
/// <param name="questions">Where questions go.</param>
/// <param name="cancellationToken">Ends the waiting.</param>
internal sealed class AskedFleet(FleetRoster roster, FitAnswers answers, ChannelWriter<FitQuestion> questions, CancellationToken cancellationToken) : IFleetEvidence
{
    public int TaskCount => roster.TaskCount;

    public FleetSummary Summary => roster.Summary;

    public ImmutableArray<ExcludedTask> Excluded => roster.Excluded;

    public FleetEvidenceValue Evaluate(Prior prior, IReadOnlySet<int>? heldOut = null) => Ask(prior, heldOut, []);

    public IFleetEvidence Without(IReadOnlySet<int> tasks) => new FleetSample(this, tasks, (prior, heldOut) => Ask(prior, heldOut, tasks));

    public void Exclude(IReadOnlyList<ExcludedTask> tasks) => roster.Exclude(tasks);

    public IReadOnlyList<TaskSpectra?> Spectra(Prior prior)
    {
        byte[] bytes = EvidenceBytes.AskSpectra(prior, roster.Excluded.Select(task => task.Task));
        return Ask(EvidenceKind.Spectra, prior, ImmutableHashSet<int>.Empty, bytes, EvidenceBytes.ReadSpectra);
    }

    private FleetEvidenceValue Ask(Prior prior, IReadOnlySet<int>? heldOut, IEnumerable<int> skipped)
    {
        heldOut ??= ImmutableHashSet<int>.Empty;
        byte[] bytes = EvidenceBytes.AskEvidence(prior, heldOut, roster.Excluded.Select(task => task.Task).Union(skipped));
        return Ask(EvidenceKind.Evidence, prior, heldOut, bytes, answer => EvidenceBytes.ReadValue(answer));
    }

    private T Ask<T>(EvidenceKind kind, Prior prior, IReadOnlySet<int> heldOut, byte[] bytes, Func<byte[], T> read)
        where T : class
    {
        cancellationToken.ThrowIfCancellationRequested();
        long name = EvidenceBytes.NameOf(bytes);
        if (answers.Next(name, read) is { } known)
        {
            return known;
        }

        var question = new FitQuestion(kind, prior, heldOut, bytes, name);
        questions.TryWrite(question);

        // The optimiser is synchronous and this thread is its own: waiting here holds up nobody.
        question.Answer.Task.Wait(cancellationToken);
        return read(question.Answer.Task.Result);
    }
}
