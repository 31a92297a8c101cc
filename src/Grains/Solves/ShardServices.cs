using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Tasks;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Solves;

/// <summary>What a silo has for shards.</summary>
internal sealed record ShardServices(
    DeviceLane Lane, SolveMemory Memory, SourceModelStore Models, ObservationStore Observations, IOptions<SolveOptions> Options, TimeProvider Clock);
