using System.Diagnostics;
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

    private readonly Queue<LaneWork>[] _queues = [new(), new()];
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
                return _queues.Sum(queue => queue.Count);
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
        LanePriority priority, Func<LaneContext, TResult> operation, CancellationToken cancellationToken = default)
    {
        var work = new LaneWork<TResult>(operation, cancellationToken);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            int queued = _queues[0].Count + _queues[1].Count;
            if (queued >= _options.MaxQueuedOperations)
            {
                _instruments.LaneRefused();
                throw new BusyException(queued, TimeSpan.FromSeconds(1));
            }

            _queues[(int)priority].Enqueue(work);
            Monitor.Pulse(_gate);
        }

        return work.Completion;
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
            _instruments.LaneBusy(Stopwatch.GetElapsedTime(started));
        }

        context?.Dispose();
    }

    private LaneContext Open()
    {
        TorchRuntime.Initialise();
        return new LaneContext(TorchRuntime.OpenDevice(_options.Name), _options, _instruments);
    }

    private LaneWork? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_stopping)
                {
                    foreach (LaneWork abandoned in _queues.SelectMany(queue => queue))
                    {
                        abandoned.Abandon();
                    }

                    return null;
                }

                bool backgroundFirst = ++_turn % BackgroundShare == 0;
                if (_queues[backgroundFirst ? 1 : 0].TryDequeue(out LaneWork? work) || _queues[backgroundFirst ? 0 : 1].TryDequeue(out work))
                {
                    return work;
                }

                Monitor.Wait(_gate);
            }
        }
    }
}
