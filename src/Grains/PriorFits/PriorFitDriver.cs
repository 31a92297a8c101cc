using System.Threading.Channels;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>
/// Runs one fit to its end: loads the parts, and carries questions and answers between them and the optimiser, which has a thread of its own. Every answer
/// becomes durable within seconds, and is all that is needed to go on.
/// </summary>
internal sealed class PriorFitDriver(PriorFitServices services, string key, PriorFitOrder order, IPriorFitJournal journal)
{
    private readonly SolveOptions _options = services.Shards.Options.Value;
    private readonly TimeProvider _clock = services.Shards.Clock;
    private double _best = double.NaN;

    /// <summary>How many evaluations there were, those before this attempt with them.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Seconds since the fit was begun.</summary>
    public double Seconds => (_clock.GetUtcNow() - order.Begun).TotalSeconds;

    private int Tasks => order.Request.Data.RowsPerTask.Length;

    private TensorScope Scope => TensorScope.PriorFit(SourceKey.Parse(order.Source), order.Request.Fit);

    /// <summary>Runs it.</summary>
    /// <param name="attempt">For the log.</param>
    /// <param name="isMoving">When cancelled: whether somebody else will go on, so that all answers are made durable and the parts stay.</param>
    /// <param name="cancellationToken">Ends it; everything but what the next needs is free when this returns.</param>
    /// <exception cref="InvalidInputException">The rows cannot be used.</exception>
    /// <exception cref="AdaptationFailedException">It cannot be computed.</exception>
    public async Task<PriorDescription> RunAsync(int attempt, Func<bool> isMoving, CancellationToken cancellationToken)
    {
        Report(0);
        SourceModel model = await services.Shards.Models.LoadAsync(order.ModelHash, cancellationToken);
        var context = new PriorFitContext(key, order, model.Spec, services);
        await using var parts = new EvidenceParts(context, journal.PlacedAsync, Report);
        try
        {
            FitAnswers answers = await FitAnswers.ReadAsync(services.Tensors, Scope, journal.Answers, cancellationToken);
            services.Logger.Begins(key, attempt, order.Parts.Length, answers.Count);
            await parts.LoadAsync(journal.Placements, cancellationToken);
            FleetRoster roster = RosterOf(await parts.DescribeAsync(cancellationToken));
            FleetFit fit = await FitAsync(parts, roster, answers, model.Spec, isMoving, cancellationToken);
            string? moves = await services.Priors.SaveAsync(model.Spec, fit.Prior, cancellationToken);
            return PriorFitMapping.Describe(model.Spec, order, fit, roster.Summary.Observations, moves, Seconds);
        }
        finally
        {
            if (!cancellationToken.IsCancellationRequested || !isMoving())
            {
                await parts.ReleaseAsync();
            }
        }
    }

    private async Task<FleetFit> FitAsync(
        EvidenceParts parts, FleetRoster roster, FitAnswers answers, NetworkSpec spec, Func<bool> isMoving, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var questions = Channel.CreateUnbounded<FitQuestion>();
        Task<FleetFit> fitting = OptimiseAsync(new AskedFleet(roster, answers, questions.Writer, stop.Token), spec, questions.Writer, stop.Token);
        Task storing = Task.CompletedTask;
        long stored = _clock.GetTimestamp();
        try
        {
            await foreach (FitQuestion question in questions.Reader.ReadAllAsync(cancellationToken))
            {
                NoteKnown(answers);
                byte[] answer = await parts.AnswerAsync(question, cancellationToken);
                answers.Add(question.Name, answer);
                Note(question.Kind, answer);
                if (storing.IsCompleted && _clock.GetElapsedTime(stored) >= _options.CheckpointPeriod)
                {
                    await storing;
                    storing = StoreAsync(answers.TakeNew());
                    stored = _clock.GetTimestamp();
                }

                question.Answer.SetResult(answer);
            }

            await storing;
            return await fitting;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && isMoving())
        {
            await Settled(storing);
            if (answers.HasNew)
            {
                await StoreAsync(answers.TakeNew());
            }

            throw;
        }
        finally
        {
            // The optimiser ends before what it computes with is freed.
            await stop.CancelAsync();
            await Settled(fitting);
            await Settled(storing);
        }
    }

    private Task<FleetFit> OptimiseAsync(AskedFleet fleet, NetworkSpec spec, ChannelWriter<FitQuestion> questions, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                return FleetPriorFitter.Fit(fleet, spec, PriorFitMapping.ToOptions(order.Request), null, cancellationToken);
            }
            catch (Exception error) when (error is NumericsException or ArgumentException)
            {
                throw new AdaptationFailedException(error.Message);
            }
            finally
            {
                questions.Complete();
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private FleetRoster RosterOf(EvidenceMembers[] parts)
    {
        for (int output = 0; output < order.Targets.Length; output++)
        {
            int column = output;
            double least = parts.Min(part => part.Least[column]);
            if (least == parts.Max(part => part.Largest[column]))
            {
                throw new InvalidInputException($"target '{order.Targets[output]}'", $"it is {least} in every row", "choose a target, or rows, in which it varies");
            }
        }

        try
        {
            return new FleetRoster([.. parts.SelectMany(part => part.Tasks)]);
        }
        catch (ArgumentException error)
        {
            throw PriorFitMapping.Unusable(error);
        }
    }

    private void NoteKnown(FitAnswers answers)
    {
        if (answers.Problem is { } problem && answers.ReplacesAll)
        {
            services.Logger.Forgets(key, answers.Count, problem);
        }

        Evaluations = answers.Count;
    }

    private void Note(EvidenceKind kind, byte[] answer)
    {
        Evaluations++;
        if (kind != EvidenceKind.Evidence)
        {
            return;
        }

        FleetEvidenceValue value = EvidenceBytes.ReadValue(answer);
        double perRow = value.Sum.LogEvidence / value.Sum.Observations;
        _best = perRow > _best || double.IsNaN(_best) ? perRow : _best;
        Report(Tasks);
    }

    private void Report(int tasksDone) => journal.Report(new PriorFitUpdate(Evaluations + (tasksDone < Tasks ? 1 : 0), tasksDone, Tasks, _best, null));

    private async Task StoreAsync((byte[] Block, bool ReplacesAll) fresh) =>
        await journal.AnsweredAsync(await services.Tensors.PutAsync(Scope, fresh.Block, CancellationToken.None), fresh.ReplacesAll);

    private static async Task Settled(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
