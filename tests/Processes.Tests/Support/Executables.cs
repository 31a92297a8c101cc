using System.Runtime.InteropServices;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>What the tests start: the build of the command and of the silo beside these tests.</summary>
internal static class Executables
{
    private static readonly string s_suffix = OperatingSystem.IsWindows() ? ".exe" : string.Empty;

    public static string Adapt { get; } = Path.Combine(AppContext.BaseDirectory, $"adapt{s_suffix}");

    public static string SiloLibrary { get; } = Path.Combine(AppContext.BaseDirectory, "AdaptCluster.Silo.dll");

    /// <summary>Where the runtime of this process is; a started program need not look for another.</summary>
    public static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    public static string Dotnet { get; } = Path.Combine(DotnetRoot, $"dotnet{s_suffix}");
}
