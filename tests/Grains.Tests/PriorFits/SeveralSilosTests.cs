using System.Collections.Concurrent;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.FleetPriors;

namespace AdaptCluster.Grains.Tests.PriorFits;

/// <summary>A fleet over three silos has the optimum that it has in one process, and the bits that it has on one silo.</summary>
public sealed class SeveralSilosTests
{
    /// <summary>Of the objective, in nats per observation: both stop where no slope exceeds 1e-6.</summary>
    private const double Tolerance = 1e-6;

    private readonly Problem _problem = new(inputs: 3, outputs: 2, hidden: 8);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 100)]
    [InlineData(2, 8)]
    public async Task FitPriorAsync_ThreeSilos_OptimumOfOneProcessAndBitsOfOneSilo(int rank, int iterations)
    {
        TaskRows[] fleet = [.. _problem.Fleet(20, 9), new TaskRows("lonely", _problem.Rows(1, seed: 7)), .. _problem.Fleet(6, 12)];
        var options = new PriorFitOptions { Rank = rank, MaxIterations = iterations };
        FleetFit expected = _problem.Fitted(fleet, new FleetFitOptions { Rank = rank, MaxIterations = iterations });

        (PriorDescription three, int silosOfThree) = await FitAsync(3, fleet, options);
        (PriorDescription one, int silosOfOne) = await FitAsync(1, fleet, options);

        Assert.Equal((3, 1), (silosOfThree, silosOfOne));
        Same.Bits(one.BlockScales, three.BlockScales);
        Same.Bits(one.NoiseVariance, three.NoiseVariance);
        Assert.Equal(one.MovesHash, three.MovesHash);
        Assert.Equal(expected.LogEvidencePerObservation, three.Fit!.LogEvidencePerRow, Tolerance);
        Assert.Equal((26, expected.Evaluations), (three.Fit.Tasks, three.Fit.Evaluations));
        Assert.Equal(["lonely"], three.Fit.Excluded.Select(task => task.Task));
    }

    private async Task<(PriorDescription Prior, int Silos)> FitAsync(int silos, TaskRows[] fleet, PriorFitOptions options)
    {
        var silosOf = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await using TestCluster cluster = await TestCluster.StartAsync(
            silos,
            (number, silo) => silo.AddIncomingGrainCallFilter(call =>
            {
                if (call.InterfaceMethod.DeclaringType == typeof(IEvidencePartGrain))
                {
                    silosOf[$"{call.TargetId.Key}"] = number;
                }

                return call.Invoke();
            }),
            new DeviceOptions { Threads = 1, SolveMemoryBytes = 2L << 30 },
            FitSilo.Options);
        SourceHandle source = cluster.Client("a").Source("source");
        await source.RegisterAsync(_problem.Registration, Token);
        PriorDescription prior = await source.FitPriorAsync(fleet, options, cancellationToken: Token);
        return (prior, silosOf.Values.Distinct().Count());
    }
}
