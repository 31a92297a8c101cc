using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tasks;

namespace AdaptCluster.Grains.Tests.Tasks;

/// <summary>Only an attempt that its silo did not outlive brings a task nearer to quarantine.</summary>
public sealed class TaskAttemptsTests
{
    private TargetTaskState _durable = new() { Incarnation = Guid.NewGuid(), Status = TargetTaskStatus.Stale };
    private Exception? _before;
    private Exception? _beside;

    [Fact]
    public async Task BeginAsync_WhatIsWrittenBesideFailsAgainAndAgain_CountedOnce()
    {
        TaskAttempts attempts = Activate();
        _beside = new TimeoutException("the index does not answer");
        for (int i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => attempts.BeginAsync(_durable, CancellationToken.None));
        }

        _beside = null;
        Assert.Equal(1, (await attempts.BeginAsync(_durable, CancellationToken.None)).Attempts);
    }

    [Fact]
    public async Task BeginAsync_TheWriteItselfFails_CountedWhenItDoesNot()
    {
        TaskAttempts attempts = Activate();
        _before = new TimeoutException("the store does not answer");
        await Assert.ThrowsAsync<TimeoutException>(() => attempts.BeginAsync(_durable, CancellationToken.None));
        Assert.Equal(0, _durable.Attempts);

        _before = null;
        Assert.Equal(1, (await attempts.BeginAsync(_durable, CancellationToken.None)).Attempts);
    }

    [Fact]
    public async Task BeginAsync_ThreeSilosDied_Quarantined()
    {
        for (int silo = 1; silo <= 3; silo++)
        {
            Assert.Equal(silo, (await Activate().BeginAsync(_durable, CancellationToken.None)).Attempts);
        }

        await Activate().TakeUpAsync(_durable, CancellationToken.None);

        Assert.Equal(TargetTaskStatus.Quarantined, _durable.Status);
        await Assert.ThrowsAsync<QuarantinedException>(() => Activate().BeginAsync(_durable, CancellationToken.None));
    }

    private TaskAttempts Activate() => new(
        new("tenant", "source", "task"),
        (state, _) =>
        {
            if (_before is not null)
            {
                throw _before;
            }

            _durable = state;
            return _beside is null ? Task.CompletedTask : throw _beside;
        },
        () => _durable);
}
