using System.Collections.Immutable;
using AdaptCluster.Numerics.FleetPriors;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>What is known of the tasks of a part before any fit.</summary>
/// <param name="Tasks">Each of them.</param>
/// <param name="Least">Per output the smallest target over all rows.</param>
/// <param name="Largest">The largest.</param>
internal sealed record EvidenceMembers(ImmutableArray<FleetMember> Tasks, ImmutableArray<double> Least, ImmutableArray<double> Largest);
