using AdaptCluster.Grains.Interfaces.PriorFits;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>Lets so many questions to one part pass, then holds that part's until it is disposed.</summary>
/// <param name="part">Which part.</param>
/// <param name="passing">How many.</param>
internal sealed class HeldQuestions(int part, int passing) : IDisposable
{
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;

    /// <summary>Completes with the first that is held.</summary>
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many were asked.</summary>
    public int Asked => _asked;

    public async Task Between(IIncomingGrainCallContext call)
    {
        var question = (EvidenceQuestion)call.Request.GetArgument(0)!;
        if (FitSilo.PartOf(call) == part && question.Part == question.Parts - 1 && Interlocked.Increment(ref _asked) > passing)
        {
            Reached.TrySetResult();
            await _go.Task;
        }

        await call.Invoke();
    }

    public void Dispose() => _go.TrySetResult();
}
