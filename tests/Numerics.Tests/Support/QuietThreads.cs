using System.Runtime.CompilerServices;
using AdaptCluster.Numerics.Tensors;

namespace AdaptCluster.Numerics.Tests.Support;

internal static class QuietThreads
{
    /// <summary>As the device lane does: on busy cores spinning threads make a second of tests a minute.</summary>
    [ModuleInitializer]
    internal static void Initialise() => TorchRuntime.Initialise();
}
