using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>All parts of a fit, as the fit sees them: places them over the silos, asks them together, and sums in their order.</summary>
/// <param name="fit">What they have in common.</param>
/// <param name="placed">Makes a placement durable.</param>
/// <param name="progressed">Told how many tasks of the fleet are done of the evaluation under way.</param>
internal sealed class EvidenceParts(PriorFitContext fit, Func<IReadOnlyList<ShardPlacement>, Task> placed, Action<int> progressed) : IAsyncDisposable
{
    /// <summary>Freeing is a matter of milliseconds; who does not manage in this time is out of reach, and frees itself later.</summary>
    private static readonly TimeSpan s_releasePatience = TimeSpan.FromSeconds(1.5);

    private readonly CancellationTokenSource _end = new();
    private EvidenceLink[] _links = [];
    private Task _keeping = Task.CompletedTask;

    /// <summary>Places and loads all parts.</summary>
    /// <param name="known">Where they were when the fit was last taken up; empty where that is not known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AdaptException">Rows cannot be used, or read.</exception>
    public async Task LoadAsync(IReadOnlyList<ShardPlacement> known, CancellationToken cancellationToken)
    {
        IReadOnlyList<ShardPlacement> placements = known.Count > 0 ? known : await PlaceAllAsync(cancellationToken);
        _links = [.. placements.Select((placement, part) => new EvidenceLink(fit, this, part, placement))];
        await PlacementsChangedAsync();
        _keeping = KeepAsync(_end.Token);
        await AllAsync((link, token) => link.LoadAsync(token), cancellationToken);
    }

    /// <summary>What is known of the tasks before any fit, by part.</summary>
    public Task<EvidenceMembers[]> DescribeAsync(CancellationToken cancellationToken)
    {
        byte[] question = EvidenceBytes.AskMembers();
        return AskAsync(question, EvidenceBytes.NameOf(question), (link, answer) => EvidenceChecks.Members(answer, fit.Spec, link.Tasks), cancellationToken);
    }

    /// <summary>The answers of all parts as one: evidence summed in their order, spectra one after the other.</summary>
    public async Task<byte[]> AnswerAsync(FitQuestion question, CancellationToken cancellationToken)
    {
        if (question.Kind == EvidenceKind.Spectra)
        {
            TaskSpectra?[][] spectra = await AskAsync(question.Bytes, question.Name, (link, answer) => EvidenceChecks.Spectra(answer, link.Tasks), cancellationToken);
            return EvidenceBytes.Write([.. spectra.SelectMany(part => part)]);
        }

        FleetEvidenceValue[] values = await AskAsync(
            question.Bytes,
            question.Name,
            (link, answer) => EvidenceChecks.Evidence(answer, fit.Spec, question.Prior, question.HeldOut, link.First, link.Tasks),
            cancellationToken);
        return EvidenceBytes.Write(values.Aggregate((left, right) => left + right));
    }

    /// <summary>Asks all parts to free what they hold.</summary>
    public Task ReleaseAsync() => Task.WhenAll(_links.Select(link => link.ReleaseAsync(s_releasePatience)));

    /// <summary>Where a part that was lost is to go: not where it was, if there is another silo.</summary>
    public async Task<string> ChooseSiloAsync(string lost, CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<SiloDeviceDescription> devices = await fit.Services.Devices.AskAsync(cancellationToken);
            SiloDeviceDescription? best = devices
                .OrderBy(device => device.Silo == lost)
                .ThenBy(device => _links.Count(link => link.Placement.Silo == device.Silo))
                .ThenByDescending(device => device.FreeBytes)
                .FirstOrDefault();
            if (best is not null)
            {
                return best.Silo;
            }

            await Task.Delay(fit.Options.MemoryRetry, fit.Clock, cancellationToken);
        }
    }

    /// <summary>The memory that each part on a silo may take: together they take what one fit may.</summary>
    public long CacheBytesOn(string silo) => new FleetFitOptions().FactorCacheBytes / Math.Max(1, _links.Count(link => link.Placement.Silo == silo));

    /// <summary>Makes where the parts are durable.</summary>
    public Task PlacementsChangedAsync() => placed([.. _links.Select(link => link.Placement)]);

    /// <summary>Says that some tasks are done.</summary>
    public void Progressed() => progressed(_links.Sum(link => link.TasksDone));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _end.Dispose();
    }

    // In turn over the silos, those with most memory free first: parts are about equal.
    private async Task<IReadOnlyList<ShardPlacement>> PlaceAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            SiloDeviceDescription[] devices = [.. (await fit.Services.Devices.AskAsync(cancellationToken)).OrderByDescending(device => device.FreeBytes)];
            if (devices.Length > 0)
            {
                return [.. fit.Order.Parts.Select((_, part) => new ShardPlacement(0, devices[part % devices.Length].Silo))];
            }

            await Task.Delay(fit.Options.MemoryRetry, fit.Clock, cancellationToken);
        }
    }

    private async Task<T[]> AskAsync<T>(byte[] question, long name, Func<EvidenceLink, byte[], T> read, CancellationToken cancellationToken)
    {
        var answers = new T[_links.Length];
        await AllAsync(
            async (link, token) =>
            {
                answers[Array.IndexOf(_links, link)] = await link.AskAsync(question, name, answer => read(link, answer), token);
                Progressed();
            },
            cancellationToken);
        return answers;
    }

    private Task AllAsync(Func<EvidenceLink, CancellationToken, Task> action, CancellationToken cancellationToken) => Together.AllAsync(_links, action, cancellationToken);

    // While the fit waits for a slow part, the others must not think that nobody needs them.
    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(fit.Options.IdleRelease / 3, fit.Clock, cancellationToken);
            foreach (EvidenceLink link in _links)
            {
                link.Keep();
            }
        }
    }
}
