using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Numerics.Planning;
using Orleans.Runtime.Placement;

namespace AdaptCluster.Grains.Solves;

/// <summary>The devices of the silos that are alive now, as each describes its own.</summary>
internal sealed class SiloDevices(IGrainFactory grains, ISiloStatusOracle silos, ILocalSiloDetails local)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>All that answer, this silo's first, the others by address.</summary>
    public async Task<IReadOnlyList<SiloDeviceDescription>> AskAsync(CancellationToken cancellationToken)
    {
        SiloAddress[] active = [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys];
        SiloDeviceDescription?[] answers = await Task.WhenAll(active.Select(silo => AskAsync(silo, cancellationToken)));
        string here = local.SiloAddress.ToParsableString();
        return [.. answers.OfType<SiloDeviceDescription>().OrderBy(device => device.Silo != here).ThenBy(device => device.Silo, StringComparer.Ordinal)];
    }

    /// <summary>Whether a silo takes part in the cluster, as far as this one knows.</summary>
    public bool IsActive(string silo) => silos.GetApproximateSiloStatus(SiloAddress.FromParsableString(silo)) == SiloStatus.Active;

    /// <summary>Where the grains that are called next from this flow of calls come to be, unless they are somewhere already.</summary>
    public static void Hint(string silo) => RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(silo));

    /// <summary>As the planner needs it. Speeds are rounded to powers of two: machines that are alike get equal shares.</summary>
    public static PlanDevice ToPlan(SiloDeviceDescription device) =>
        new(device.Silo, Round(device.SingleGigaflops * 1e9), Round(device.DoubleGigaflops * 1e9), device.FreeBytes, device.TotalBytes);

    private static double Round(double flops) => Math.Pow(2, Math.Round(Math.Log2(Math.Max(1, flops))));

    private async Task<SiloDeviceDescription?> AskAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        string key = silo.ToParsableString();
        Hint(key);
        try
        {
            SiloDeviceDescription device = await grains.GetGrain<ISiloDeviceGrain>(key).DescribeAsync(CancellationToken.None).WaitAsync(s_patience, cancellationToken);
            return device.Silo == key ? device : null;
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            // A silo that does not answer has no device.
            return null;
        }
    }
}
