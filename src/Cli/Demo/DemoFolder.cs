using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Cli.Demo;

/// <summary>
/// The folder that the demo writes to. What an earlier demo left there is replaced; what anything else left there is not touched.
/// </summary>
internal sealed class DemoFolder
{
    private const string Mark = "made-by-demo";

    private readonly string _root;

    private DemoFolder(string root) => _root = root;

    /// <summary>The data directory of the demo's silo.</summary>
    public string Data => Path.Combine(_root, ".adapt");

    public string SinusoidsFigure => Path.Combine(_root, "sinusoids.png");

    public string AirportsFigure => Path.Combine(_root, "airports.png");

    public string Report => Path.Combine(_root, "report.json");

    private string MarkFile => Path.Combine(Data, Mark);

    private string[] Files => [SinusoidsFigure, AirportsFigure, Report];

    /// <summary>Makes the folder ready for a new run.</summary>
    /// <exception cref="InvalidInputException">It holds files of other origin that the demo would replace, it is in use, or it cannot be written.</exception>
    public static DemoFolder Prepare(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new InvalidInputException("--out", "it is empty", "name a folder");
        }

        var folder = new DemoFolder(Path.GetFullPath(path));
        try
        {
            folder.Clear();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                "--out", $"'{folder._root}' cannot be used ({error.Message.TrimEnd('.')})", "name a folder that can be written");
        }

        return folder;
    }

    /// <summary>Says that the data directory, which exists by now, is the demo's own.</summary>
    public void Claim() => File.WriteAllText(MarkFile, "This data directory was made by 'adapt demo' and is removed when the demo runs again.\n");

    private void Clear()
    {
        Directory.CreateDirectory(_root);
        if (File.Exists(MarkFile))
        {
            // An open data directory belongs to a demo, or to somebody who looks at its tasks.
            using DataDirectory own = DataDirectory.TryOpen(Data, SiloRole.Private) ?? throw SharedSilo.InUse(Data);
            Directory.Delete(Data, recursive: true);
            Directory.CreateDirectory(Data);
            return;
        }

        string? foreign = Files.Append(Data).FirstOrDefault(Path.Exists);
        if (foreign is not null)
        {
            throw new InvalidInputException(
                "--out", $"'{foreign}' is there already and no earlier demo is known to have made it", "name another folder, or remove it");
        }
    }
}
