using System.Diagnostics;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// The coordinator's side of an iterative solve, as a conversation: it says what to ask of every shard, takes their answers, and asks on until there is a
/// result. Whoever carries the questions need not know what they mean, so one process and a cluster compute the same. Owns everything on its device;
/// one thread at a time.
/// </summary>
public sealed class SolveRun : IDisposable
{
    private readonly SolvePlan _plan;
    private readonly ISolveSystem _system;
    private readonly torch.Device _device;
    private readonly AnswerSlot _answers = new();
    private readonly IEnumerator<ShardRequest?> _flow;
    private readonly byte[]? _resumed;
    private RoundState? _state;
    private bool _waits;

    private SolveRun(SolvePlan plan, ISolveSystem system, torch.Device device, byte[]? checkpoint)
    {
        _plan = plan;
        _system = system;
        _device = device;
        _resumed = checkpoint;
        _flow = Flow().GetEnumerator();
    }

    /// <summary>What the shards are to be asked now; null while the run has work of its own, and when it has ended.</summary>
    public ShardRequest? Request { get; private set; }

    /// <summary>Whether it has ended; then there is a result.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Where it stands.</summary>
    public SolveProgress Progress => Describe();

    /// <summary>How it ended; null before.</summary>
    public SolveStatistics? Statistics { get; private set; }

    /// <summary>What a task's solve gave; null before it ended, and of a panel.</summary>
    public SolveResult? Result { get; private set; }

    /// <summary>What a panel's solve gave; null before it ended, and of a task.</summary>
    public PanelResult? Panel { get; private set; }

    private SolvePhase Phase { get; set; }

    /// <summary>A task's solve.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where the coordinator computes.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="data">Kernel rows: all rows. Parameter space: null, the shards have them.</param>
    /// <param name="checkpoint">What <see cref="Checkpoint"/> gave earlier for the same plan and rows; the run goes on from there with the same numbers.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    public static SolveRun Create(SourceModel model, torch.Device device, Prior prior, SolvePlan plan, TaskData? data, byte[]? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(plan);
        SolveChecks.Require(model, prior, plan);
        if ((plan.Layout == SolveLayout.KernelRows) != (data is not null) || (data is not null && data.Rows != plan.Rows))
        {
            throw new ArgumentException("A coordinator of kernel rows needs all rows, one in parameter space needs none.", nameof(data));
        }

        ITaskSystem system = data is null ? new ParameterSystem(model, device, prior, plan) : new KernelSystem(model, device, prior, plan, data);
        return new SolveRun(plan, system, device, checkpoint);
    }

    /// <summary>A panel's solve: kernel rows, all targets in one block.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where the coordinator computes.</param>
    /// <param name="prior">Scales and noise, which the targets' factors multiply.</param>
    /// <param name="plan">The plan, of kernel rows.</param>
    /// <param name="inputs">The shared inputs, [n, d], in the data's units.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="checkpoint">As of a task.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    public static SolveRun CreatePanel(
        SourceModel model, torch.Device device, Prior prior, SolvePlan plan, RowMatrix inputs, PanelTargets targets, byte[]? checkpoint = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        SolveChecks.Require(model, prior, plan);
        if (plan.Layout != SolveLayout.KernelRows || plan.Rows != inputs.Rows || targets.Rows != inputs.Rows || targets.Outputs != model.Spec.Outputs)
        {
            throw new ArgumentException("A panel is solved with kernel rows, a plan of its rows, and targets of the network's outputs at each of them.", nameof(targets));
        }

        return new SolveRun(plan, new PanelSystem(model, device, prior, plan, inputs, targets), device, checkpoint);
    }

    /// <summary>Goes on with the run's own work until it has a request, has ended, or the time is over.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is not one of this plan.</exception>
    /// <exception cref="Errors.NumericsException">A matrix cannot be factorised, or the network overflows on a row.</exception>
    public void Advance(TimeSpan slice)
    {
        long started = Stopwatch.GetTimestamp();
        while (!_waits && !IsDone)
        {
            if (!_flow.MoveNext())
            {
                IsDone = true;
                Request = null;
                Phase = SolvePhase.Done;
                return;
            }

            Request = _flow.Current;
            _waits = Request is not null;
            if (Stopwatch.GetElapsedTime(started) >= slice)
            {
                return;
            }
        }
    }

    /// <summary>Takes the answers to <see cref="Request"/>, in shard order.</summary>
    /// <exception cref="ArgumentException">There is none for every shard.</exception>
    /// <exception cref="InvalidOperationException">Nothing was asked.</exception>
    public void Answer(IReadOnlyList<byte[]> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        if (!_waits)
        {
            throw new InvalidOperationException("Nothing was asked.");
        }

        if (answers.Count != _plan.Shards.Length)
        {
            throw new ArgumentException($"{_plan.Shards.Length} answers are needed, not {answers.Count}.", nameof(answers));
        }

        _answers.Current = answers;
        Request = null;
        _waits = false;
    }

    /// <summary>
    /// Everything that would be lost with this object, as bytes; null before the recurrence has begun. Valid between a request and its answer too: the
    /// request is then asked again.
    /// </summary>
    public byte[]? Checkpoint() => _state?.ToBytes();

    /// <inheritdoc/>
    public void Dispose()
    {
        _flow.Dispose();
        _state?.Dispose();
        _system.Dispose();
    }

    // The whole solve, in order. Null: own work was done, ask again.
    private IEnumerable<ShardRequest?> Flow()
    {
        foreach (ShardRequest? request in _system.Prepare(_answers))
        {
            yield return request;
        }

        var rounds = new SolveRounds(_plan, _system, _device);
        _state = _resumed is null ? rounds.Begin() : rounds.Resume(_resumed);
        SolveStatistics? statistics = _state.Ended;
        while (statistics is null)
        {
            Phase = SolvePhase.Iterating;
            while (!_state.Recurrence.IsDone)
            {
                yield return rounds.AskForProduct(_state);
                rounds.Step(_state, _answers.Current);
            }

            Phase = SolvePhase.Certifying;
            using torch.Tensor solution = TensorInterop.Own(rounds.SolutionOf(_state));
            yield return rounds.AskForResidual(solution);
            statistics = rounds.Judge(_state, solution, _answers.Current);
        }

        Phase = SolvePhase.Finishing;
        foreach (ShardRequest? request in Finish(statistics))
        {
            yield return request;
        }

        Statistics = statistics;
    }

    private IEnumerable<ShardRequest?> Finish(SolveStatistics statistics)
    {
        if (_system is PanelSystem panel)
        {
            foreach (ShardRequest? request in panel.Finish(_answers))
            {
                yield return request;
            }

            Panel = new PanelResult(statistics, [.. _state!.Relative.Select(r => r <= _plan.Tolerance)], [.. _state.Relative], panel.Solved(_state.Solution));
            yield break;
        }

        var task = (ITaskSystem)_system;
        bool converged = statistics.Status == SolveStatus.Converged;
        foreach (ShardRequest? request in converged ? task.Finish(_state!.Solution, _state.Spectrum!, _answers) : [])
        {
            yield return request;
        }

        Result = new SolveResult(statistics, converged ? task.Posterior : null, converged ? task.Report : null);
    }

    private SolveProgress Describe()
    {
        if (_state is not { } state)
        {
            return new SolveProgress(Phase, 0, 1, _system.Targets, _system.Targets);
        }

        CgColumn[] columns = [.. state.Recurrence.Columns.Take(_system.Targets)];
        double residual = columns.Max(c => c.Relative) * state.Before;
        return new SolveProgress(
            Phase, state.Iterations + (Phase == SolvePhase.Iterating ? state.Recurrence.Iteration : 0), residual, columns.Count(c => c.Status == SolveStatus.Running), columns.Length);
    }
}
