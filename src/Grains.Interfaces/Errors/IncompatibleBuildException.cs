using AdaptCluster.Grains.Interfaces.Hosting;

namespace AdaptCluster.Grains.Interfaces.Errors;

/// <summary>Two builds that do not understand each other's messages met. Nothing was started or changed.</summary>
[GenerateSerializer, Alias("adapt.IncompatibleBuildException")]
public sealed class IncompatibleBuildException : AdaptException
{
    /// <summary>Reports the two.</summary>
    /// <param name="who">Who is refused.</param>
    /// <param name="own">What that one is.</param>
    /// <param name="others">Whom it does not go with.</param>
    /// <param name="found">What those are.</param>
    /// <param name="remedy">What to do.</param>
    public IncompatibleBuildException(string who, BuildDescription own, string others, BuildDescription found, string remedy)
        : base(Describe(who, own, others, found, remedy))
    {
        Own = own;
        Found = found;
    }

    /// <summary>Who is refused.</summary>
    [Id(0)]
    public BuildDescription Own { get; }

    /// <summary>Whom that one does not go with.</summary>
    [Id(1)]
    public BuildDescription Found { get; }

    /// <inheritdoc/>
    public override bool IsRetryable => false;

    /// <inheritdoc/>
    public override bool IsCallersFault => true;

    private static string Describe(string who, BuildDescription own, string others, BuildDescription found, string remedy)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(found);
        return $"{who}: version {own.Version} (protocol {own.Protocol}) does not go with {others}, version {found.Version} (protocol {found.Protocol}); {remedy}.";
    }
}
