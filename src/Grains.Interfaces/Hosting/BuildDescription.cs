using System.Reflection;

namespace AdaptCluster.Grains.Interfaces.Hosting;

/// <summary>What a silo or a client is built as.</summary>
/// <param name="Protocol">Builds of the same protocol understand each other, whatever their versions.</param>
/// <param name="Version">The version, for a person.</param>
[GenerateSerializer, Immutable, Alias("adapt.BuildDescription")]
public sealed record BuildDescription(
    [property: Id(0)] int Protocol,
    [property: Id(1)] string Version)
{
    /// <summary>
    /// Raised with every change of messages, grains or records that older builds would misread. 2: an index of tasks has a record of what has
    /// changed beside its list, which a silo of 1 would not see.
    /// </summary>
    private const int CurrentProtocol = 2;

    /// <summary>This build.</summary>
    public static BuildDescription Current { get; } = new(
        CurrentProtocol,
        typeof(BuildDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0");
}
