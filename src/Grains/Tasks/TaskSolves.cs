using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tenants;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Planning;
using AdaptCluster.Numerics.Priors;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Tasks;

/// <summary>A task's dealings with iterative solves: whether one is needed, starting it, asking after it, ending it.</summary>
internal sealed class TaskSolves(
    SiloDevices devices,
    SourceModelStore models,
    PriorStore priors,
    ObservationStore observations,
    ITensorStore tensors,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    TenantQuotas quotas,
    IOptions<SolveOptions> options)
{
    /// <summary>Up to so many observations nobody is asked: a direct solve takes milliseconds.</summary>
    private const int AlwaysDirect = 2_048;

    /// <summary>Progress is worth a short wait only.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>How a task is to be solved.</summary>
    /// <exception cref="TooLargeException">No way fits the memory.</exception>
    /// <exception cref="InvalidInputException">An option cannot be used.</exception>
    public async Task<TaskPlan> PlanAsync(
        TaskKey key, SourceDescription source, PriorDescription prior, int rows, AdaptOptions? wishes, CancellationToken cancellationToken)
    {
        if (wishes is null && (long)rows * source.Targets.Length <= AlwaysDirect)
        {
            return TaskPlan.Direct;
        }

        Check(wishes);
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        PlanDevice[] known = await DevicesAsync(cancellationToken);
        Prior asked = await priors.LoadAsync(prior, cancellationToken);
        try
        {
            PlanChoice choice = SolvePlanner.Plan(
                model.Spec, asked, rows, known, PlanMapping.ToOptions(wishes, options.Value.PartBytes));
            return new TaskPlan(choice.Chosen.Plan is null ? null : PlanMapping.ToDescription(choice.Chosen, choice.Why), choice.Chosen.IsRefined);
        }
        catch (PlanInfeasibleException error)
        {
            throw new TooLargeException(key.Task, char.ToLowerInvariant(error.Message[0]) + error.Message[1..], error.NeededBytes);
        }
    }

    /// <summary>What <see cref="PlanAsync"/> would do, and what it would consider.</summary>
    /// <exception cref="InvalidInputException">An option cannot be used.</exception>
    public async Task<PlanExplanation> ExplainAsync(
        SourceDescription source, PriorDescription prior, int rows, AdaptOptions? wishes, CancellationToken cancellationToken)
    {
        Check(wishes);
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        PlanDevice[] known = await DevicesAsync(cancellationToken);
        PlanOptions fixedOptions = PlanMapping.ToOptions(wishes, options.Value.PartBytes);
        Prior asked = await priors.LoadAsync(prior, cancellationToken);
        return PlanMapping.ToExplanation(SolvePlanner.Explain(model.Spec, asked, rows, known, fixedOptions), rows, known);
    }

    /// <summary>Starts a solve, unless it runs; durable on return.</summary>
    public async Task StartAsync(TaskKey key, TargetTaskState state, RunningSolve running, CancellationToken cancellationToken)
    {
        ISolveCoordinatorGrain coordinator = CoordinatorOf(key, running);
        SiloDevices.Hint(silo.SiloAddress.ToParsableString());
        if (await coordinator.DescribeAsync(cancellationToken) is not null)
        {
            return;
        }

        await quotas.BeginAsync(key, running.Solve, cancellationToken);
        var order = new SolveOrder
        {
            Solve = running.Solve,
            Task = key.ToString(),
            Version = running.Version,
            Prior = PriorMapping.At(running.Prior, PosteriorRun.FactorsOf(running.NoiseFactor, running.ScaleFactor)),
            ModelHash = running.ModelHash,
            Plan = running.Plan,
            Blocks = await observations.AsBlocksAsync(key, running.Solve, state.Batches.AsSpan(0, running.Batches).ToArray(), cancellationToken),
        };
        await coordinator.StartAsync(order, cancellationToken);
    }

    /// <summary>What is known of a solve; null if its coordinator does not answer or knows nothing of it.</summary>
    public async Task<SolveDescription?> DescribeAsync(TaskKey key, RunningSolve running, CancellationToken cancellationToken)
    {
        try
        {
            return await CoordinatorOf(key, running).DescribeAsync(CancellationToken.None).WaitAsync(s_patience, cancellationToken);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or StoreException)
        {
            return null;
        }
    }

    /// <summary>Ends a solve; everything it holds is free on return.</summary>
    public Task CancelAsync(TaskKey key, RunningSolve running, CancellationToken cancellationToken)
    {
        quotas.End(key, running.Solve);
        return CoordinatorOf(key, running).CancelAsync(cancellationToken);
    }

    /// <summary>Deletes the file of a posterior.</summary>
    public Task DeleteAsync(TaskKey key, string hash) => tensors.DeleteAsync(TensorScope.Posteriors(key), hash, CancellationToken.None);

    /// <summary>Deletes whatever solves of a task have kept.</summary>
    public async Task DeleteAllAsync(TaskKey key, CancellationToken cancellationToken)
    {
        await tensors.DeleteAllAsync(TensorScope.Solves(key), cancellationToken);
        await tensors.DeleteAllAsync(TensorScope.Posteriors(key), cancellationToken);
    }

    private async Task<PlanDevice[]> DevicesAsync(CancellationToken cancellationToken)
    {
        PlanDevice[] known = [.. (await devices.AskAsync(cancellationToken)).Select(SiloDevices.ToPlan)];
        return known.Length > 0 ? known : throw new BusyException(0, TimeSpan.FromSeconds(1));
    }

    private ISolveCoordinatorGrain CoordinatorOf(TaskKey key, RunningSolve running) =>
        grains.GetGrain<ISolveCoordinatorGrain>(SolveKeys.Coordinator(key.ToString(), running.Solve));

    private static void Check(AdaptOptions? wishes)
    {
        RequireAtLeastOne(wishes?.Shards, "shards");
        RequireAtLeastOne(wishes?.PreconditionerSize, "preconditioner size");
        RequireAtLeastOne(wishes?.MaxIterations, "iterations");
        if (wishes?.Tolerance is { } tolerance && !(tolerance is > 0 and < 1))
        {
            throw new InvalidInputException("tolerance", $"it is {tolerance}", "give a number between 0 and 1");
        }
    }

    private static void RequireAtLeastOne(int? value, string name)
    {
        if (value < 1)
        {
            throw new InvalidInputException(name, $"it is {value}", "give at least 1");
        }
    }
}
