using System.Runtime.InteropServices;

namespace AdaptCluster.Grains.Devices;

/// <summary>What requests have in common that one operation can answer together.</summary>
/// <param name="Tenant">Whose they are.</param>
/// <param name="Source">The source's name.</param>
/// <param name="ModelHash">Its network.</param>
/// <param name="PriorVersion">Its prior; a version never changes.</param>
/// <param name="IsPrediction">Whether they predict rather than adapt.</param>
/// <param name="Priority">Whether somebody waits for them.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LaneBatchKey(string Tenant, string Source, string ModelHash, int PriorVersion, bool IsPrediction, LanePriority Priority);
