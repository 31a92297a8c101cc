using System.Reflection;
using System.Runtime.CompilerServices;

namespace AdaptCluster.Architecture.Tests;

/// <summary>The built assemblies of src.</summary>
internal static class Code
{
    public static Assembly Of(string project) => Assembly.Load(project == "Cli" ? "adapt" : $"AdaptCluster.{project}");

    /// <summary>The types that somebody wrote.</summary>
    public static IEnumerable<Type> TypesOf(string project) => Of(project).GetTypes().Where(IsWritten);

    /// <summary>Whether a record: the compiler gives each a clone method.</summary>
    public static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool IsWritten(Type type) =>
        (type.Namespace?.StartsWith("AdaptCluster", StringComparison.Ordinal) ?? false)
        && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        && !type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute), inherit: false)
        && !type.Name.Contains('<', StringComparison.Ordinal)
        && (type.DeclaringType is null || IsWritten(type.DeclaringType));
}
