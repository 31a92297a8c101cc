using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Tenants;

/// <summary>What every tenant may have at most. The same on all silos of a cluster.</summary>
public sealed class QuotaOptions
{
    /// <summary>Target tasks, of all sources. Default null: any number.</summary>
    public int? Tasks { get; set; }

    /// <summary>Bytes of observations. Default null: any number.</summary>
    public long? Bytes { get; set; }

    /// <summary>Adaptations at a time. Default null: any number.</summary>
    public int? Solves { get; set; }

    /// <summary>Whether there is one.</summary>
    public bool Any => Tasks is not null || Bytes is not null || Solves is not null;

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">One cannot be used.</exception>
    public void Validate()
    {
        RequireAtLeastOne(Tasks, "--tenant-tasks");
        RequireAtLeastOne(Bytes, "--tenant-mb");
        RequireAtLeastOne(Solves, "--tenant-solves");
    }

    private static void RequireAtLeastOne(long? value, string option)
    {
        if (value < 1)
        {
            throw new InvalidInputException(option, $"it is {value}", "give at least 1, or leave it out");
        }
    }
}
