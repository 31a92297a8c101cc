using System.Runtime.InteropServices;

namespace AdaptCluster.Grains.Devices;

/// <summary>What a batched operation gives for one of its requests: a result or the request's own error.</summary>
/// <param name="Value">The result, where there is no error.</param>
/// <param name="Error">The error.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LaneOutcome<TResult>(TResult? Value, Exception? Error);
