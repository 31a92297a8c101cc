using System.Runtime.InteropServices;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>
/// Loads an installed libtorch in the place of a packaged one: of a build that carries none, with the environment variable
/// <see cref="Variable"/> naming the folder of its libraries.
/// </summary>
internal static class TorchLibraries
{
    internal const string Variable = "ADAPT_LIBTORCH";

    private static readonly string s_prefix = OperatingSystem.IsWindows() ? string.Empty : "lib";
    private static readonly string s_suffix = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";

    /// <summary>Loads them, each after what it needs; what is loaded is then found by name.</summary>
    /// <param name="folder">The folder with libtorch's libraries.</param>
    /// <param name="own">The folders in which this program looks for its own libraries.</param>
    /// <exception cref="DllNotFoundException">A library is missing or cannot be loaded, or the program brings a libtorch of its own.</exception>
    internal static void Load(string folder, IReadOnlyList<string> own)
    {
        if (own.FirstOrDefault(path => File.Exists(Path.Combine(path, Name("torch_cpu")))) is { } bundled)
        {
            // Two libtorchs in one process register the same operations twice, which ends it.
            throw new DllNotFoundException(
                $"{Variable} names '{folder}', but this build brings its own libtorch in '{bundled}': unset the variable, or build with -p:AdaptTorchBackend=external");
        }

        if (!File.Exists(Path.Combine(folder, Name("torch_cpu"))))
        {
            throw new DllNotFoundException($"{Variable} names '{folder}', where there is no {Name("torch_cpu")}: name the folder 'lib' of an installed libtorch");
        }

        foreach (string library in new[] { "c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch" })
        {
            string path = Path.Combine(folder, Name(library));
            if (File.Exists(path))
            {
                LoadOne(path, folder);
            }
        }

        string bridge = own.Select(path => Path.Combine(path, Name("LibTorchSharp"))).FirstOrDefault(File.Exists)
            ?? throw new DllNotFoundException($"{Name("LibTorchSharp")} is not beside this program: build it again");
        LoadOne(bridge, folder);
    }

    /// <summary>Throws where no libtorch is found: TorchSharp itself would then search, and copy, what it finds in caches of packages.</summary>
    /// <exception cref="DllNotFoundException">There is none.</exception>
    internal static void RequireBundled()
    {
        if (!NativeLibrary.TryLoad("torch_cpu", typeof(TorchSharp.torch).Assembly, null, out _))
        {
            throw new DllNotFoundException($"this build brings no libtorch, or one that cannot be loaded: name an installed one's folder 'lib' in {Variable}");
        }
    }

    /// <summary>Where this program looks for native libraries.</summary>
    internal static IReadOnlyList<string> OwnFolders() =>
    [
        .. ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        AppContext.BaseDirectory,
    ];

    private static void LoadOne(string path, string folder)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException(
                $"'{path}' cannot be loaded with the libtorch of {Variable}='{folder}' ({error.Message.Split('\n')[0].TrimEnd('.')}): it must be libtorch {TorchRuntime.LibtorchVersion}, for this machine",
                error);
        }
    }

    private static string Name(string library) => $"{s_prefix}{library}{s_suffix}";
}
