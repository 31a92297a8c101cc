using AdaptCluster.Grains.Admission;
using AdaptCluster.Grains.Comparisons;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Panels;
using AdaptCluster.Grains.PriorFits;
using AdaptCluster.Grains.Renewals;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tenants;
using AdaptCluster.Grains.Tensors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Placement;

namespace AdaptCluster.Grains;

/// <summary>What the grains need from a silo besides the stores, which the silo names itself.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the device lane, the caches and the steps that grains call. The silo adds an <see cref="ITensorStore"/>,
    /// grain storage under <see cref="State.GrainStorage.Name"/> and <see cref="DeviceOptions"/>.
    /// </summary>
    public static IServiceCollection AddAdaptGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(BuildDescription.Current);
        services.AddSingleton<AdaptInstruments>();
        services.AddSingleton<SiloLoad>();
        services.AddPlacementFilter<AdmittedPlacement, AdmittedPlacementDirector>(ServiceLifetime.Singleton);
        services.AddSingleton<IIncomingGrainCallFilter, AdmissionFilter>();
        services.AddSingleton<DeviceLane>();
        services.AddSingleton<SourceModelStore>();
        services.AddSingleton<StagedRows>();
        services.AddSingleton<StagedFiles>();
        services.AddSingleton<ObservationStore>();
        services.AddSingleton<TrainingRun>();
        services.AddSingleton<ImportRun>();
        services.AddSingleton<PriorStore>();
        services.AddSingleton<SourcePriorFits>();
        services.AddSingleton<ComparisonRun>();
        services.AddSingleton<SmallTasks>();
        services.AddSingleton<RefinedRun>();
        services.AddSingleton<PosteriorRun>();
        services.AddSingleton<PredictionRun>();
        services.AddSingleton<ReferenceStore>();
        services.AddSingleton<DiagnosisRun>();
        services.AddSingleton<SolveMemory>();
        services.AddSingleton<SiloDevices>();
        services.AddSingleton<ShardServices>();
        services.AddSingleton<SolveServices>();
        services.AddSingleton<TaskSolves>();
        services.AddSingleton<PriorFitServices>();
        services.AddSingleton<TaskRenewal>();
        services.AddSingleton<TenantQuotas>();
        services.AddOptions<QuotaOptions>();
        services.AddOptions<SolveOptions>();
        services.AddSingleton<PanelStore>();
        services.AddSingleton<PanelBlockRun>();
        services.AddSingleton<PanelPredictions>();
        return services;
    }
}
