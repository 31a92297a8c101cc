using System.Runtime.InteropServices;

namespace AdaptCluster.Grains.Tasks;

/// <summary>How a task is solved directly.</summary>
/// <param name="IsRefined">In fp32, refined.</param>
/// <param name="InBackground">Nobody waits for it: who does goes first on the device.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DirectSolve(bool IsRefined, bool InBackground);
