using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Tasks;

/// <summary>
/// Sends rows to a task while they are read: one batch travels, the next is filled. A batch is named by the upload and its first row, so
/// that whoever begins again learns how far it came, and what was on its way is not added twice.
/// </summary>
/// <param name="grain">The task.</param>
/// <param name="upload">The name of the upload.</param>
/// <param name="progress">Told how many rows of the upload are durable.</param>
internal sealed class RowUpload(ITargetTaskGrain grain, string upload, IProgress<int>? progress)
{
    /// <summary>A silo that died does not say so: what says nothing for this long is asked again, which is harmless.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(15);

    private double[] _inputs = [];
    private double[] _targets = [];
    private int _inputWidth;
    private int _targetWidth;
    private int _most;

    /// <summary>The rows of the upload before the batch that is filled, and those in it.</summary>
    private int _start;
    private int _filled;
    private Task<int>? _sending;

    /// <returns>How many rows the task holds.</returns>
    public async Task<int> SendAsync(IAsyncEnumerable<LabelledRows> rows, CancellationToken cancellationToken)
    {
        int held = await AskAsync(() => grain.CountUploadedAsync(upload, cancellationToken), cancellationToken);
        _start = held;
        try
        {
            int seen = 0;
            await foreach (LabelledRows part in rows.WithCancellation(cancellationToken))
            {
                await AddAsync(part, Math.Clamp(held - seen, 0, part.Count), cancellationToken);
                seen += part.Count;
            }

            if (seen < held)
            {
                throw new InvalidInputException($"upload '{upload}'", $"the task holds {held} rows of it and {seen} were given", "repeat it with the rows it began with, or name it otherwise");
            }

            await FlushAsync(cancellationToken);
            return _sending is null
                ? (await AskAsync(() => grain.DescribeAsync(cancellationToken), cancellationToken)).Observations
                : await _sending;
        }
        finally
        {
            // Whatever ended this: nothing is under way on return.
            await ((Task?)_sending ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AddAsync(LabelledRows part, int first, CancellationToken cancellationToken)
    {
        Require(part);
        for (int next = first; next < part.Count;)
        {
            int count = Math.Min(_most - _filled, part.Count - next);
            part.Inputs.Values.AsSpan(next * _inputWidth, count * _inputWidth).CopyTo(_inputs.AsSpan(_filled * _inputWidth));
            part.Targets.Values.AsSpan(next * _targetWidth, count * _targetWidth).CopyTo(_targets.AsSpan(_filled * _targetWidth));
            next += count;
            _filled += count;
            if (_filled == _most)
            {
                await FlushAsync(cancellationToken);
            }
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_filled == 0)
        {
            return;
        }

        var batch = new ObservationBatch(
            ObservationBatches.Id(upload, _start),
            TensorPayload.FromMatrix(_inputs.AsSpan(0, _filled * _inputWidth), _filled, _inputWidth),
            TensorPayload.FromMatrix(_targets.AsSpan(0, _filled * _targetWidth), _filled, _targetWidth));
        _start += _filled;
        _filled = 0;
        if (_sending is not null)
        {
            await _sending;
        }

        _sending = SendAsync(batch, _start, cancellationToken);
    }

    private async Task<int> SendAsync(ObservationBatch batch, int end, CancellationToken cancellationToken)
    {
        ObserveReceipt receipt = await AskAsync(() => grain.ObserveAsync(batch, cancellationToken), cancellationToken);
        progress?.Report(end);
        return receipt.Observations;
    }

    private static Task<T> AskAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        TaskWait.PatientlyAsync(() => call().WaitAsync(s_silence, cancellationToken), cancellationToken);

    private void Require(LabelledRows part)
    {
        if (_most == 0)
        {
            (_inputWidth, _targetWidth) = (part.Inputs.Width, part.Targets.Width);
            _most = ObservationBatches.RowsPerBatch(_inputWidth + _targetWidth);
            _inputs = new double[_most * _inputWidth];
            _targets = new double[_most * _targetWidth];
        }

        if (part.Inputs.Width != _inputWidth || part.Targets.Width != _targetWidth)
        {
            throw new InvalidInputException(
                $"upload '{upload}'",
                $"a part has {part.Inputs.Width} inputs and {part.Targets.Width} targets, the first has {_inputWidth} and {_targetWidth}",
                "send the same columns in every part");
        }
    }
}
