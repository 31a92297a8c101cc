using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>The periods and sizes of iterative solves and of prior fits.</summary>
public sealed class SolveOptions
{
    /// <summary>The most bytes of one message between coordinator and shard. Default 4 MiB.</summary>
    public int PartBytes { get; set; } = 4 << 20;

    /// <summary>How long a shard or coordinator computes before others get their turn on the device. Default 25 ms.</summary>
    public TimeSpan Slice { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// After this, or ten times the longest answer so far, a message counts as lost and is sent again, and a shard that is
    /// still computing counts as slow. Default 10 s.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long without any reply a shard is released and placed elsewhere. Default 60 s.</summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>After so long without any request a shard frees itself. Default 60 s.</summary>
    public TimeSpan IdleRelease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often an iterating solve, or a prior fit, is checkpointed. Default 2 s.</summary>
    public TimeSpan CheckpointPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a running solve is looked after, so that it is taken up elsewhere when its silo is gone. Default 5 s.</summary>
    public TimeSpan ReminderPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a solve waits for memory before it asks again. Default 1 s.</summary>
    public TimeSpan MemoryRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// About how many floating-point operations of one evaluation make a part of a prior fit worth its messages. Default 2.5e8, some milliseconds.
    /// </summary>
    public double EvidencePartFlops { get; set; } = 2.5e8;

    /// <summary>The most parts of a prior fit, which is the most silos that one fit uses. Default 16.</summary>
    public int MostEvidenceParts { get; set; } = 16;

    /// <summary>Checks what can be checked.</summary>
    /// <exception cref="InvalidInputException">A value cannot be used.</exception>
    public void Validate()
    {
        if (PartBytes is < 1 or > SolvePayloadCodec.MaxBytes)
        {
            throw new InvalidInputException(nameof(PartBytes), $"it is {PartBytes}", $"give 1 to {SolvePayloadCodec.MaxBytes}");
        }

        if (!(EvidencePartFlops > 0) || MostEvidenceParts < 1)
        {
            throw new InvalidInputException(
                nameof(EvidencePartFlops), $"it is {EvidencePartFlops}, and {nameof(MostEvidenceParts)} is {MostEvidenceParts}", "give a number above 0, and at least 1");
        }

        RequirePositive(Slice, nameof(Slice));
        RequirePositive(Deadline, nameof(Deadline));
        RequirePositive(Silence, nameof(Silence));
        RequirePositive(IdleRelease, nameof(IdleRelease));
        RequirePositive(CheckpointPeriod, nameof(CheckpointPeriod));
        RequirePositive(ReminderPeriod, nameof(ReminderPeriod));
        RequirePositive(MemoryRetry, nameof(MemoryRetry));
    }

    private static void RequirePositive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
        {
            throw new InvalidInputException(name, $"it is {value}", "give a time above 0");
        }
    }
}
