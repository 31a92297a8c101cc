using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>
/// A coordinator's side of one shard: asks until there is an answer that can be computed with. What is lost is sent again,
/// who is lost is placed and loaded again, and an answer that is wrong twice is an error.
/// </summary>
internal sealed class ShardLink(FleetContext fleet, ShardFleet siblings, int shard, ShardPlacement placement)
{
    /// <summary>So often may one question meet a shard that has lost what it had.</summary>
    private const int MostReloads = 20;

    private ShardCall _call = new(fleet, shard, placement);
    private bool _isLoaded;
    private bool _wasLoaded;
    private bool _hasBegun;
    private TimeSpan _longest;

    /// <summary>Where it is.</summary>
    public ShardPlacement Placement { get; private set; } = placement;

    /// <summary>Whether it has been computing for longer than ten times its longest answer.</summary>
    public bool IsSlow { get; private set; }

    /// <summary>The time of its device.</summary>
    public TimeSpan Device { get; private set; }

    private TimeSpan Deadline => Max(fleet.Options.Deadline, 10 * _longest);

    /// <summary>Loads the shard, if it is not.</summary>
    /// <exception cref="SolveMemoryException">Its silo has no room.</exception>
    /// <exception cref="SolveSupersededException">A later coordinator has it.</exception>
    /// <exception cref="AdaptationFailedException">It cannot be loaded.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        while (!_isLoaded)
        {
            if (_call.IsLost)
            {
                await MoveAsync(cancellationToken);
            }

            TimeSpan deadline = Deadline;
            var order = new ShardOrder(fleet.Session, fleet.Order, shard, fleet.Options.PartBytes, deadline / 2);
            ShardLoaded? reply = await LoadOnceAsync(order, deadline, cancellationToken);
            switch (reply?.Status)
            {
                case ShardLoadStatus.Loaded:
                    _isLoaded = true;
                    Placement = Placement with { Silo = reply.Silo };
                    if (_wasLoaded)
                    {
                        fleet.Reloaded();
                    }

                    _wasLoaded = true;
                    break;
                case ShardLoadStatus.NoRoomNow or ShardLoadStatus.NoRoomEver:
                    throw new SolveMemoryException(
                        $"shard {shard} needs {reply.Bytes >> 20} MB on silo {reply.Silo}, which has {reply.FreeBytes >> 20} of {reply.TotalBytes >> 20} MB free",
                        reply.Status == ShardLoadStatus.NoRoomEver);
                case ShardLoadStatus.Superseded:
                    throw new SolveSupersededException();
                default:
                    break;
            }
        }
    }

    /// <summary>The answer to a question, checked.</summary>
    /// <param name="sequence">Greater by at least 2 than that of the question before.</param>
    /// <param name="request">The question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AdaptationFailedException">The shard failed, or its answer was wrong twice.</exception>
    public async Task<byte[]> AskAsync(long sequence, ShardRequest request, CancellationToken cancellationToken)
    {
        bool wasWrong = false;
        for (int reloads = 0; reloads < MostReloads;)
        {
            await LoadAsync(cancellationToken);
            bool replays = request.Question != ShardQuestion.Begin && !_hasBegun && siblings.FirstQuestion is not null;
            ShardRequest asked = replays ? siblings.FirstQuestion! : request;
            string? problem;
            try
            {
                ShardAnswer? answer = await ExchangeAsync(replays ? sequence - 1 : sequence, asked, cancellationToken);
                if (answer is null)
                {
                    reloads++;
                    Forget();
                    continue;
                }

                Device += answer.Device;
                problem = Problem(asked, answer.Bytes);
                _hasBegun |= problem is null;
                if (problem is null && !replays)
                {
                    return answer.Bytes;
                }
            }
            catch (ShardBrokeException error)
            {
                problem = error.Message;
            }

            if (problem is null)
            {
                continue;
            }

            if (wasWrong)
            {
                throw new AdaptationFailedException($"shard {shard} on silo {Placement.Silo} {problem}, also after it was loaded again; check that machine.");
            }

            wasWrong = true;
            await ReloadAsync(problem);
        }

        throw new AdaptationFailedException($"shard {shard} was lost {MostReloads} times while it computed one answer, at last on silo {Placement.Silo}.");
    }

    private async Task<ShardLoaded?> LoadOnceAsync(ShardOrder order, TimeSpan deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await _call.SendAsync(grain => grain.LoadAsync(order), deadline, cancellationToken);
        }
        catch (ShardBrokeException error)
        {
            throw new AdaptationFailedException($"shard {shard} on silo {Placement.Silo} {error.Message} while it was loaded; check that machine.");
        }
    }

    /// <summary>Asks it to free everything.</summary>
    public Task ReleaseAsync(TimeSpan patience)
    {
        Forget();
        return _call.ReleaseAsync(patience);
    }

    /// <summary>Says that it is still needed.</summary>
    public void Keep() => _call.Keep();

    // Null: it has nothing loaded, or is lost.
    private async Task<ShardAnswer?> ExchangeAsync(long sequence, ShardRequest request, CancellationToken cancellationToken)
    {
        long started = fleet.Clock.GetTimestamp();
        TimeSpan deadline = Deadline;
        int parts = PartsOf(request.Payload.Length);
        int part = 0;
        bool isComputing = false;
        try
        {
            while (true)
            {
                ShardReply? reply = isComputing
                    ? await FetchAsync(sequence, 0, deadline, cancellationToken)
                    : await SendAsync(sequence, request, part, parts, deadline, cancellationToken);
                switch (reply?.Status)
                {
                    case ShardReplyStatus.Answered:
                        byte[]? bytes = await CollectAsync(sequence, reply, ShardAnswers.BytesOf(fleet.Spec, fleet.Prior, fleet.Plan, shard, request), deadline, cancellationToken);
                        _longest = Max(_longest, fleet.Clock.GetElapsedTime(started));
                        return bytes is null ? null : new ShardAnswer(bytes, TimeSpan.FromMilliseconds(reply.DeviceMilliseconds));
                    case ShardReplyStatus.Accepted:
                        part = Math.Min(part + 1, parts - 1);
                        break;
                    case ShardReplyStatus.Working:
                        isComputing = true;
                        break;
                    case ShardReplyStatus.Incomplete:
                        isComputing = false;
                        part = 0;
                        break;
                    case ShardReplyStatus.NotLoaded or ShardReplyStatus.Stale:
                        return null;
                    case ShardReplyStatus.Superseded:
                        throw new SolveSupersededException();
                    default:
                        if (_call.IsLost)
                        {
                            return null;
                        }

                        break;
                }

                NoteTime(fleet.Clock.GetElapsedTime(started), deadline);
            }
        }
        finally
        {
            NoteEnd();
        }
    }

    private Task<ShardReply?> SendAsync(long sequence, ShardRequest request, int part, int parts, TimeSpan deadline, CancellationToken cancellationToken)
    {
        int start = part * fleet.Options.PartBytes;
        ReadOnlyMemory<byte> bytes = request.Payload.AsMemory(start, Math.Min(fleet.Options.PartBytes, request.Payload.Length - start));
        fleet.Sent(bytes.Length);
        var message = new ShardQuestionMessage
        {
            Session = fleet.Session,
            Sequence = sequence,
            Part = part,
            Parts = parts,
            Question = (ShardQuestionKind)request.Question,
            Columns = request.Columns,
            Start = request.Start,
            Count = request.Count,
            Precision = (SolvePrecision)request.Precision,
            Patience = deadline / 2,
            Payload = SolvePayload.Of(bytes),
        };
        return _call.SendAsync(grain => grain.AskAsync(message), deadline, cancellationToken);
    }

    private Task<ShardReply?> FetchAsync(long sequence, int part, TimeSpan deadline, CancellationToken cancellationToken) =>
        _call.SendAsync(grain => grain.FetchAsync(fleet.Session, sequence, part, deadline / 2), deadline, cancellationToken);

    // All parts of an answer; null if the shard was lost in between. One of a wrong size is not collected: its size is what is wrong.
    private async Task<byte[]?> CollectAsync(long sequence, ShardReply first, long expected, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (first.TotalBytes != expected || first.Payload.Length > expected)
        {
            first.Payload.Release();
            return first.TotalBytes == expected ? [] : new byte[Math.Min(first.TotalBytes, expected + 1)];
        }

        byte[] whole = new byte[expected];
        int at = Take(first, whole, 0);
        for (int part = 1; part < first.Parts;)
        {
            ShardReply? reply = await FetchAsync(sequence, part, deadline, cancellationToken);
            if (reply?.Status is ShardReplyStatus.Answered)
            {
                at = Take(reply, whole, at);
                part++;
            }
            else if (reply?.Status is ShardReplyStatus.Superseded)
            {
                throw new SolveSupersededException();
            }
            else if (reply is not null || _call.IsLost)
            {
                return null;
            }
        }

        return at == whole.Length ? whole : whole[..at];
    }

    private int Take(ShardReply reply, byte[] whole, int at)
    {
        int length = Math.Min(reply.Payload.Length, whole.Length - at);
        reply.Payload.Bytes[..length].CopyTo(whole.AsSpan(at));
        fleet.Received(reply.Payload.Length);
        reply.Payload.Release();
        return at + length;
    }

    private string? Problem(ShardRequest request, byte[] answer)
    {
        long expected = ShardAnswers.BytesOf(fleet.Spec, fleet.Prior, fleet.Plan, shard, request);
        return answer.Length != expected ? $"answered '{request.Question}' with a wrong number of bytes instead of {expected}"
            : !ShardAnswers.AreFinite(fleet.Plan, request, answer) ? $"answered '{request.Question}' with numbers that are not finite"
            : null;
    }

    private void Forget()
    {
        _isLoaded = false;
        _hasBegun = false;
    }

    private async Task ReloadAsync(string problem)
    {
        fleet.Logger.Reloads(fleet.Key, shard, Placement.Silo, problem);
        await ReleaseAsync(fleet.Options.Deadline);
        await PlaceAsync(Placement.Silo);
    }

    private async Task MoveAsync(CancellationToken cancellationToken)
    {
        // It may be alive and only out of reach: what it holds should not wait for that.
        _call.ReleaseAsync(fleet.Options.Deadline).Ignore();
        Forget();
        string silo = await siblings.ChooseSiloAsync(Placement.Silo, cancellationToken);
        fleet.Logger.Moves(fleet.Key, shard, Placement.Silo, silo);
        await PlaceAsync(silo);
    }

    private Task PlaceAsync(string silo)
    {
        Placement = new ShardPlacement(Placement.Number + 1, silo);
        _call = new ShardCall(fleet, shard, Placement);
        return siblings.PlacementsChangedAsync();
    }

    private void NoteTime(TimeSpan elapsed, TimeSpan deadline)
    {
        if (!IsSlow && elapsed >= deadline)
        {
            IsSlow = true;
            fleet.Logger.IsSlow(fleet.Key, shard, Placement.Silo, elapsed.TotalSeconds);
            siblings.SlownessChanged();
        }
    }

    private void NoteEnd()
    {
        if (IsSlow)
        {
            IsSlow = false;
            siblings.SlownessChanged();
        }
    }

    private int PartsOf(int bytes) => Math.Max(1, (bytes + fleet.Options.PartBytes - 1) / fleet.Options.PartBytes);

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
