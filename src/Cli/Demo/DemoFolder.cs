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

    private readonly string[] _names; // what the demo writes

    private DemoFolder(string root, string[] names)
    {
        _root = root;
        _names = names;
    }

    /// <summary>The data directory of the demo's silo.</summary>
    public string Data => Path.Combine(_root, ".adapt");

    private string MarkFile => Path.Combine(Data, Mark);

    /// <summary>Makes the folder ready for a new run.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="names">The files that the run will write there.</param>
    /// <exception cref="InvalidInputException">It holds files of other origin that the demo would replace, it is in use, or it cannot be written.</exception>
    public static DemoFolder Prepare(string path, params string[] names)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new InvalidInputException("--out", "it is empty", "name a folder");
        }

        var folder = new DemoFolder(Path.GetFullPath(path), names);
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

    /// <summary>Where a file of that name goes.</summary>
    public string File(string name) => Path.Combine(_root, name);

    /// <summary>Says that the data directory, which exists by now, is the demo's own.</summary>
    public void Claim() => System.IO.File.WriteAllText(MarkFile, "This data directory was made by 'adapt demo' and is removed when the demo runs again.\n");

    private void Clear()
    {
        Directory.CreateDirectory(_root);
        if (System.IO.File.Exists(MarkFile))
        {
            // An open data directory belongs to a demo, or to somebody who looks at its tasks.
            using DataDirectory own = DataDirectory.TryOpen(Data, SiloRole.Private) ?? throw SharedSilo.InUse(Data);
            Directory.Delete(Data, recursive: true);
            Directory.CreateDirectory(Data);
            return;
        }

        string? foreign = _names.Select(File).Append(Data).FirstOrDefault(Path.Exists);
        if (foreign is not null)
        {
            throw new InvalidInputException(
                "--out", $"'{foreign}' is there already and no earlier demo is known to have made it", "name another folder, or remove it");
        }
    }
}
