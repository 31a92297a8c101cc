using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Solves;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>
/// A fit's side of one of its parts: asks until there is an answer that can be computed with. What is lost is sent again, who is lost is placed and loaded
/// again, and an answer that is wrong twice is an error.
/// </summary>
internal sealed class EvidenceLink
{
    /// <summary>So often may one question meet a part that has lost what it had.</summary>
    private const int MostReloads = 20;

    /// <summary>So often may one question, or the loading before it, end with the part's silo: rows that do that must not walk through the cluster.</summary>
    private const int MostLosses = 3;

    /// <summary>A part that computes for longer says so, and how far it is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly PriorFitContext _fit;
    private readonly EvidenceParts _siblings;
    private readonly int _part;
    private readonly int _first;
    private PlacedCall<IEvidencePartGrain> _call;
    private bool _isLoaded;
    private bool _brokeLoading;
    private int _losses;

    /// <param name="fit">What all parts have in common.</param>
    /// <param name="siblings">All parts.</param>
    /// <param name="part">Which part.</param>
    /// <param name="placement">Where it is, or is to come to be.</param>
    internal EvidenceLink(PriorFitContext fit, EvidenceParts siblings, int part, ShardPlacement placement)
    {
        _fit = fit;
        _siblings = siblings;
        _part = part;
        _first = fit.Order.Parts.AsSpan(0, part).ToArray().Sum();
        Placement = placement;
        _call = CallTo(placement);
    }

    /// <summary>Where it is.</summary>
    public ShardPlacement Placement { get; private set; }

    /// <summary>The place of its first task in the fleet.</summary>
    public int First => _first;

    /// <summary>How many tasks it has.</summary>
    public int Tasks => _fit.Order.Parts[_part];

    /// <summary>How many of them are done of the question under way.</summary>
    public int TasksDone { get; private set; }

    /// <summary>Loads the part, if it is not.</summary>
    /// <exception cref="AdaptException">Its rows cannot be used, or read, or it cannot be computed.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        while (!_isLoaded)
        {
            if (_call.IsLost)
            {
                await MoveAsync(cancellationToken);
            }

            EvidencePartOrder order = PriorFitMapping.ToPart(_fit.Order, _part, _siblings.CacheBytesOn(Placement.Silo), _fit.Options.PartBytes, s_patience);
            try
            {
                EvidencePartLoaded? reply = await SendAsync(grain => grain.LoadAsync(order), cancellationToken);
                if (reply is { IsLoaded: true })
                {
                    _isLoaded = true;
                    Placement = Placement with { Silo = reply.Silo };
                }
            }
            catch (ShardBrokeException error) when (!_brokeLoading)
            {
                // A silo that ends, perhaps: once it may be loaded elsewhere.
                _brokeLoading = true;
                _fit.Services.Logger.Reloads(_fit.Key, _part, Placement.Silo, error.Message);
                await PlaceAsync(await _siblings.ChooseSiloAsync(Placement.Silo, cancellationToken));
            }
            catch (ShardBrokeException error)
            {
                throw new AdaptationFailedException($"{Name} {error.Message} while it was loaded, after that had happened before; check that machine.");
            }
        }

        _brokeLoading = false;
    }

    /// <summary>The answer to a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="name">What tells it from others.</param>
    /// <param name="read">Reads an answer; throws <see cref="InvalidDataException"/> for one that cannot be computed with.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AdaptationFailedException">The part failed, or its answer was wrong twice.</exception>
    public async Task<T> AskAsync<T>(byte[] question, long name, Func<byte[], T> read, CancellationToken cancellationToken)
    {
        bool wasWrong = false;
        TasksDone = 0;
        for (int reloads = 0; reloads < MostReloads;)
        {
            await LoadAsync(cancellationToken);
            string problem;
            try
            {
                if (await ExchangeAsync(question, name, cancellationToken) is { } answer)
                {
                    T value = read(answer);
                    TasksDone = Tasks;
                    _losses = 0;
                    return value;
                }

                reloads++;
                _isLoaded = false;
                continue;
            }
            catch (InvalidDataException error)
            {
                problem = $"answered with {error.Message}";
            }
            catch (ShardBrokeException error)
            {
                problem = error.Message;
            }

            if (wasWrong)
            {
                throw new AdaptationFailedException($"{Name} {problem}, also after it was loaded again; check that machine.");
            }

            wasWrong = true;
            _fit.Services.Logger.Reloads(_fit.Key, _part, Placement.Silo, problem);
            await ReleaseAsync(_fit.Options.Deadline);
            await PlaceAsync(Placement.Silo);
        }

        throw new AdaptationFailedException($"{Name} was lost {MostReloads} times while it computed one answer.");
    }

    /// <summary>Asks it to free everything.</summary>
    public Task ReleaseAsync(TimeSpan patience)
    {
        _isLoaded = false;
        return _call.TryAsync(grain => grain.ReleaseAsync(CancellationToken.None), patience);
    }

    /// <summary>Says that it is still needed.</summary>
    public void Keep() => _call.Post(grain => grain.KeepAsync(CancellationToken.None));

    private string Name => $"part {_part} of the fit (tasks {_first} to {_first + Tasks - 1}) on silo {Placement.Silo}";

    // Null: it has nothing loaded, or is lost.
    private async Task<byte[]?> ExchangeAsync(byte[] question, long name, CancellationToken cancellationToken)
    {
        int parts = PartsOf(question.Length);
        int part = 0;
        bool isComputing = false;
        while (true)
        {
            int sent = part;
            EvidenceReply? reply = isComputing
                ? await SendAsync(grain => grain.FetchAsync(name, 0, s_patience), cancellationToken)
                : await SendAsync(grain => grain.AskAsync(Message(question, name, sent, parts)), cancellationToken);
            switch (reply?.Status)
            {
                case ShardReplyStatus.Answered:
                    return await CollectAsync(name, reply, cancellationToken);
                case ShardReplyStatus.Accepted:
                    part = Math.Min(part + 1, parts - 1);
                    break;
                case ShardReplyStatus.Working:
                    isComputing = true;
                    TasksDone = reply.TasksDone;
                    _siblings.Progressed();
                    break;
                case ShardReplyStatus.Incomplete:
                    isComputing = false;
                    part = 0;
                    break;
                case null when !_call.IsLost:
                    break;
                default:
                    return null;
            }
        }
    }

    private EvidenceQuestion Message(byte[] question, long name, int part, int parts)
    {
        int start = part * _fit.Options.PartBytes;
        var payload = SolvePayload.Of(question.AsMemory(start, Math.Min(_fit.Options.PartBytes, question.Length - start)));
        return new EvidenceQuestion(name, part, parts, s_patience, payload);
    }

    // All parts of an answer; null if the part was lost in between.
    private async Task<byte[]?> CollectAsync(long name, EvidenceReply first, CancellationToken cancellationToken)
    {
        byte[] whole = new byte[Math.Max(first.TotalBytes, first.Payload.Length)];
        int at = Take(first, whole, 0);
        for (int part = 1; part < first.Parts;)
        {
            int wanted = part;
            EvidenceReply? reply = await SendAsync(grain => grain.FetchAsync(name, wanted, s_patience), cancellationToken);
            if (reply?.Status is ShardReplyStatus.Answered)
            {
                at = Take(reply, whole, at);
                part++;
            }
            else if (reply is not null || _call.IsLost)
            {
                return null;
            }
        }

        return whole;
    }

    private static int Take(EvidenceReply reply, byte[] whole, int at)
    {
        int length = Math.Min(reply.Payload.Length, whole.Length - at);
        reply.Payload.Bytes[..length].CopyTo(whole.AsSpan(at));
        reply.Payload.Release();
        return at + length;
    }

    private async Task<T?> SendAsync<T>(Func<IEvidencePartGrain, Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await _call.SendAsync(call, _fit.Options.Deadline, cancellationToken);
        }
        catch (AdaptationFailedException error)
        {
            throw new AdaptationFailedException($"{Name}: {error.Message}");
        }
    }

    private async Task MoveAsync(CancellationToken cancellationToken)
    {
        if (_call.IsSiloGone && ++_losses == MostLosses)
        {
            throw new AdaptationFailedException($"{Name} ended with its silo, for the {MostLosses}rd time; leave these tasks out one by one to find which does that.");
        }

        // It may be alive and only out of reach: what it holds should not wait for that.
        _call.Post(grain => grain.ReleaseAsync(CancellationToken.None));
        string silo = await _siblings.ChooseSiloAsync(Placement.Silo, cancellationToken);
        _fit.Services.Logger.Moves(_fit.Key, _part, Placement.Silo, silo);
        await PlaceAsync(silo);
    }

    private Task PlaceAsync(string silo)
    {
        _isLoaded = false;
        Placement = new ShardPlacement(Placement.Number + 1, silo);
        _call = CallTo(Placement);
        return _siblings.PlacementsChangedAsync();
    }

    private PlacedCall<IEvidencePartGrain> CallTo(ShardPlacement placement) => new(
        _fit.Services.Grains.GetGrain<IEvidencePartGrain>(PriorFitKeys.Part(_fit.Key, _part, placement.Number)),
        placement.Silo,
        _fit.Services.Devices,
        _fit.Options,
        _fit.Clock,
        problem => _fit.Services.Logger.Retries(_fit.Key, problem));

    private int PartsOf(int bytes) => Math.Max(1, (bytes + _fit.Options.PartBytes - 1) / _fit.Options.PartBytes);
}
