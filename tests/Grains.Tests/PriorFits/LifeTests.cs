using System.Diagnostics;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.PriorFits;
using AdaptCluster.Grains.Tests.Support;
using Orleans.Core.Internal;

namespace AdaptCluster.Grains.Tests.PriorFits;

/// <summary>A fit from its beginning to each of its ends, and what its caller may do meanwhile.</summary>
[Collection(nameof(FitSilo))]
public sealed class LifeTests(FitSilo shared) : IDisposable
{
    private readonly Problem _problem = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => shared.Between = null;

    [Fact]
    public async Task FitPriorAsync_CancelledInTheMiddle_EverythingIsFreeWithinTwoSecondsAndThePriorStays()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        using HeldQuestions held = Hold(part: 1, passing: 2);
        using var cancel = new CancellationTokenSource();
        Task<PriorDescription> fitting = source.FitPriorAsync(_problem.Fleet(8, 8), new PriorFitOptions(), cancellationToken: cancel.Token);
        await held.Reached.Task.WaitAsync(Token);

        long started = Stopwatch.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fitting);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);

        Assert.True(await shared.IsEmptyAsync(), "something was not freed");
        Assert.True(elapsed < TimeSpan.FromSeconds(2), $"it took {elapsed}");
        Assert.Equal(1, (await source.DescribeAsync(Token)).Prior!.Version);
        shared.Between = null;
        Assert.Equal(2, (await source.FitPriorAsync(_problem.Fleet(8, 8), new PriorFitOptions(), cancellationToken: Token)).Version);
    }

    [Fact]
    public async Task CancelPriorFitAsync_SomebodyElsesFit_ItsCallerIsTold()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        using HeldQuestions held = Hold(part: 1, passing: 2);
        Task<PriorDescription> fitting = source.FitPriorAsync(_problem.Fleet(8, 8), new PriorFitOptions(), cancellationToken: Token);
        await held.Reached.Task.WaitAsync(Token);

        Assert.True(await source.CancelPriorFitAsync(Token));

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(() => fitting);
        Assert.Equal("the fit of the prior was cancelled; the prior in force stays.", error.Message);
    }

    [Fact]
    public async Task FitPriorAsync_SameRowsWhileTheyAreFitted_JoinsAndOthersAreRefused()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskRows[] fleet = _problem.Fleet(8, 8);
        using HeldQuestions held = Hold(part: 1, passing: 2);
        Task<PriorDescription> first = source.FitPriorAsync(fleet, new PriorFitOptions(), cancellationToken: Token);
        await held.Reached.Task.WaitAsync(Token);

        Task<PriorDescription> second = source.FitPriorAsync(fleet, new PriorFitOptions(), cancellationToken: Token);
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => source.FitPriorAsync(fleet, new PriorFitOptions { Seed = 1 }, cancellationToken: Token));
        shared.Between = null;
        held.Dispose();

        Assert.Equal("source 'source': a fit of its prior is under way; wait until it ends, or cancel it.", error.Message);
        Assert.Equal((2, 2), ((await first).Version, (await second).Version));
        Assert.Equal(2, (await source.DescribeAsync(Token)).Prior!.Version);
        await Eventually.IsTrueAsync(shared.IsEmptyAsync, "something was not freed");
    }

    [Fact]
    public async Task FitPriorAsync_SameNameAgain_ThePriorThatItGave()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        var options = new PriorFitOptions { Fit = Guid.NewGuid() };

        PriorDescription first = await source.FitPriorAsync(_problem.Fleet(8, 8), options, cancellationToken: Token);
        PriorDescription again = await source.FitPriorAsync(_problem.Fleet(8, 8), options, cancellationToken: Token);

        Assert.Equal((2, 2), (first.Version, again.Version));
        Assert.Equal(first.Fit!.Seconds, again.Fit!.Seconds);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task GrainDeactivatedInTheMiddle_TakesUpFromItsAnswers_SameBits(int rank)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskRows[] fleet = _problem.Fleet(8, 8);
        var options = new PriorFitOptions { Rank = rank, MaxIterations = 10 };
        PriorDescription expected = await source.FitPriorAsync(fleet, options, cancellationToken: Token);
        using HeldQuestions held = Hold(part: 1, passing: 4);
        var fit = Guid.NewGuid();
        Task<PriorDescription> fitting = source.FitPriorAsync(
            fleet, new PriorFitOptions { Rank = rank, MaxIterations = 10, Fit = fit }, cancellationToken: Token);
        await held.Reached.Task.WaitAsync(Token);

        IPriorFitGrain grain = shared.Silo.Silo.Grains.GetGrain<IPriorFitGrain>(PriorFitKeys.Fit(source.Key.ToString(), fit));
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        held.Dispose();
        PriorDescription prior = await fitting;

        // Every evaluation is asked for once, and the spectra; the one that was under way at most twice: the rest was remembered.
        Assert.InRange(held.Asked, expected.Fit!.Evaluations, expected.Fit.Evaluations + 2);
        AssertSame(expected, prior, version: 3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task SiloRestartedInTheMiddle_GoesOnByItself_SameBits(int rank)
    {
        using var folder = new TemporaryFolder();
        TaskRows[] fleet = _problem.Fleet(8, 8);
        var options = new PriorFitOptions { Rank = rank, MaxIterations = 10 };
        PriorDescription expected;
        using (var held = new HeldQuestions(part: 1, passing: 4))
        {
            Func<IIncomingGrainCallContext, Task>? between = null;
            await using TestSilo before = await FitSilo.StartAsync(folder.Path, call => between?.Invoke(call) ?? call.Invoke());
            SourceHandle source = await _problem.RegisterAsync(before.Client("a"));
            expected = await source.FitPriorAsync(fleet, options, cancellationToken: Token);
            between = held.Between;
            source.FitPriorAsync(fleet, options, cancellationToken: Token).Ignore();
            await held.Reached.Task.WaitAsync(Token);
            held.Dispose();
        }

        await using TestSilo after = await FitSilo.StartAsync(folder.Path, call => call.Invoke());
        SourceHandle again = after.Client("a").Source("source");
        PriorDescription? prior = null;
        await Eventually.IsTrueAsync(
            () => again.DescribeAsync(Token).ContinueWith(task => (prior = task.Result.Prior)!.Version == 3, TaskScheduler.Default), "the fit did not go on");

        AssertSame(expected, prior!, version: 3);
    }

    private static void AssertSame(PriorDescription expected, PriorDescription actual, int version)
    {
        Assert.Equal((version, expected.Fit!.Evaluations), (actual.Version, actual.Fit!.Evaluations));
        Same.Bits(expected.BlockScales, actual.BlockScales);
        Same.Bits(expected.NoiseVariance, actual.NoiseVariance);
        Assert.Equal(expected.MovesHash, actual.MovesHash);
        Assert.Equal(expected.Fit.LogEvidencePerRow, actual.Fit.LogEvidencePerRow);
    }

    private HeldQuestions Hold(int part, int passing)
    {
        var held = new HeldQuestions(part, passing);
        shared.Between = held.Between;
        return held;
    }
}
