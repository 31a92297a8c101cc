using System.Collections.Immutable;

namespace AdaptCluster.Grains.Tasks;

/// <summary>What has become of a part of the index since its list was written whole. Applying it twice is harmless.</summary>
/// <param name="Added">Names that the list lacks.</param>
/// <param name="Removed">Names that it has and should not.</param>
[GenerateSerializer, Immutable, Alias("adapt.TaskIndexChanges")]
internal sealed record TaskIndexChanges([property: Id(0)] ImmutableArray<string> Added, [property: Id(1)] ImmutableArray<string> Removed)
{
    /// <summary>The names of a list with these changes, in ordinal order.</summary>
    public static ImmutableArray<string> Apply(TaskIndexState? list, TaskIndexChanges? changes)
    {
        ImmutableArray<string> names = list?.Names ?? [];
        if (changes is null or { Added.IsEmpty: true, Removed.IsEmpty: true })
        {
            return names;
        }

        var all = new SortedSet<string>(names, StringComparer.Ordinal);
        all.UnionWith(changes.Added);
        all.ExceptWith(changes.Removed);
        return [.. all];
    }
}
