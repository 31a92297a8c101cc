using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Tensors;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Devices;

/// <summary>
/// The one thread of a silo that calls torch. Operations are synchronous and wait in a bounded queue; who waits for an
/// answer goes before slices of long work, which still get every <see cref="BackgroundShare"/>th turn.
/// </summary>
/// <remarks>
/// Torch is loaded when the first operation arrives, so that a silo which only lists things starts at once. Dispose
/// scopes and the thread counts of libtorch belong to a thread; that is why there is only this one.
/// </remarks>
public sealed class DeviceLane : IDisposable
{
    private const int BackgroundShare = 8;

    /// <summary>A tenant's share of a round, some milliseconds: smaller than most batches, so that who asks for little waits for one of them at most.</summary>
    private const double Quantum = 1e8;

    private readonly FairQueue _interactive = new(Quantum);
    private readonly Queue<LaneWork> _background = new();
    private readonly Dictionary<LaneBatchKey, LaneBatch> _open = [];
    private readonly LaneAdmission _admission;
    private readonly object _gate = new();
    private readonly DeviceOptions _options;
    private readonly AdaptInstruments _instruments;
    private readonly Thread _thread;
    private bool _stopping;
    private int _turn;

    /// <summary>Starts the thread.</summary>
    public DeviceLane(IOptions<DeviceOptions> options, AdaptInstruments instruments)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(instruments);
        _options = options.Value;
        _admission = new LaneAdmission(_options.MaxQueuedOperations);
        _instruments = instruments;
        instruments.ObserveLaneQueue(() => Queued);
        _thread = new Thread(Run) { IsBackground = true, Name = "device-lane" };
        _thread.Start();
    }

    private int Queued
    {
        get
        {
            lock (_gate)
            {
                return _admission.Waiting;
            }
        }
    }

    /// <summary>Runs an operation on the device when its turn comes.</summary>
    /// <param name="priority">Whether somebody waits for it.</param>
    /// <param name="operation">Synchronous; tensors must not outlive it unless the context's caches own them.</param>
    /// <param name="cancellationToken">Takes it out of the queue; an operation that runs is not interrupted.</param>
    /// <exception cref="BusyException">The queue is full; nothing was queued.</exception>
    /// <exception cref="AdaptationFailedException">The mathematics gave no usable answer.</exception>
    public Task<TResult> RunAsync<TResult>(
        LanePriority priority, Func<LaneContext, TResult> operation, CancellationToken cancellationToken = default) =>
        RunAsync(priority, LaneShare.Own, operation, cancellationToken);

    /// <param name="priority">Whether somebody waits for it.</param>
    /// <param name="share">Whose it is: tenants that wait have equal shares of the device.</param>
    /// <param name="operation">Synchronous; tensors must not outlive it unless the context's caches own them.</param>
    /// <param name="cancellationToken">Takes it out of the queue; an operation that runs is not interrupted.</param>
    /// <exception cref="BusyException">The queue is full, or the tenant's part of it; nothing was queued.</exception>
    /// <inheritdoc cref="RunAsync{TResult}(LanePriority, Func{LaneContext, TResult}, CancellationToken)"/>
    public Task<TResult> RunAsync<TResult>(
        LanePriority priority, LaneShare share, Func<LaneContext, TResult> operation, CancellationToken cancellationToken)
    {
        var work = new LaneWork<TResult>(share, operation, cancellationToken);
        lock (_gate)
        {
            Admit(share.Tenant);
            Enqueue(priority, work);
        }

        return work.Completion;
    }

    /// <summary>
    /// Asks for something that one operation can do for many at a time. Requests with one key that come while the device is busy are answered together; an idle
    /// device answers at once.
    /// </summary>
    /// <param name="key">What the requests have in common.</param>
    /// <param name="item">The request.</param>
    /// <param name="flops">About how many floating-point operations it has.</param>
    /// <param name="operation">Answers all requests of the key, one outcome for each in their order; that of the first of them is used.</param>
    /// <param name="cancellationToken">Takes this request out; the others are answered.</param>
    /// <exception cref="BusyException">The queue is full, or the tenant's part of it; nothing was queued.</exception>
    internal Task<TResult> RunBatchedAsync<TItem, TResult>(
        LaneBatchKey key,
        TItem item,
        double flops,
        Func<LaneContext, IReadOnlyList<TItem>, IReadOnlyList<LaneOutcome<TResult>>> operation,
        CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Admit(key.Tenant);
            if (_open.TryGetValue(key, out LaneBatch? open) && open.HasRoom)
            {
                return ((LaneBatch<TItem, TResult>)open).Add(item, flops, cancellationToken);
            }

            var batch = new LaneBatch<TItem, TResult>(key, operation);
            Task<TResult> result = batch.Add(item, flops, cancellationToken);
            _open[key] = batch;
            Enqueue(key.Priority, batch);
            return result;
        }
    }

    /// <summary>Runs an operation that returns nothing; see the other overload.</summary>
    public Task RunAsync(LanePriority priority, Action<LaneContext> operation, CancellationToken cancellationToken = default) =>
        RunAsync(
            priority,
            context =>
            {
                operation(context);
                return true;
            },
            cancellationToken);

    /// <summary>Opens the device, if it is not open yet, and says in a line what it is.</summary>
    /// <exception cref="InvalidInputException">It is not there.</exception>
    /// <exception cref="AdaptationFailedException">libtorch cannot be loaded.</exception>
    public Task<string> DescribeAsync(CancellationToken cancellationToken = default) => RunAsync(
        LanePriority.Interactive,
        context => $"device {context.Device}, {_options.Threads} thread{(_options.Threads == 1 ? string.Empty : "s")}, posteriors in fp64, training in fp32",
        cancellationToken);

    /// <summary>Ends the operation that runs, abandons those that wait, and frees the device.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        LaneContext? context = null;
        while (Next() is { } work)
        {
            long started = Stopwatch.GetTimestamp();
            try
            {
                context ??= Open();
            }
            catch (DeviceUnavailableException error)
            {
                work.Fail(new InvalidInputException("--device", $"{error.Device} cannot be used: {error.Problem}", error.Remedy));
                continue;
            }
            catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or NotSupportedException)
            {
                // Without its library there is no device: whoever asks is told, and what needs none goes on.
                work.Fail(new AdaptationFailedException($"libtorch cannot be loaded ({error.GetBaseException().Message}); install what it needs on this machine."));
                continue;
            }

            work.Run(context);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            _instruments.LaneBusy(elapsed);
            _instruments.LaneAnswered(work.Requests);
            lock (_gate)
            {
                _admission.Took(elapsed, work.Requests);
            }
        }

        context?.Dispose();
    }

    private LaneContext Open()
    {
        TorchRuntime.Initialise();
        return new LaneContext(TorchRuntime.OpenDevice(_options.Name), _options, _instruments);
    }

    private void Admit(string tenant)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (!_admission.TryEnter(tenant))
        {
            _instruments.Refused();
            throw new BusyException(_admission.Waiting, _admission.RetryAfter());
        }
    }

    private void Enqueue(LanePriority priority, LaneWork work)
    {
        if (priority == LanePriority.Background)
        {
            _background.Enqueue(work);
        }
        else
        {
            _interactive.Enqueue(work);
        }

        Monitor.Pulse(_gate);
    }

    private LaneWork? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_stopping)
                {
                    foreach (LaneWork abandoned in _interactive.Clear().Concat(_background))
                    {
                        abandoned.Abandon();
                    }

                    return null;
                }

                if (TryDequeue(out LaneWork? work))
                {
                    _admission.Leave(work.Tenant, work.Requests);
                    Close(work);
                    return work;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private bool TryDequeue([NotNullWhen(true)] out LaneWork? work)
    {
        bool backgroundFirst = ++_turn % BackgroundShare == 0;
        return (backgroundFirst && _background.TryDequeue(out work)) || _interactive.TryDequeue(out work) || _background.TryDequeue(out work);
    }

    // From here on it takes no more; a full one has a follower already.
    private void Close(LaneWork work)
    {
        if (work is LaneBatch batch && _open.GetValueOrDefault(batch.Key) == batch)
        {
            _open.Remove(batch.Key);
        }
    }
}
