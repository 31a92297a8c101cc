using System.Security.Cryptography;
using System.Text;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>A folder of one test's own, removed with it, and in it a data directory and files.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("adapt-processes-").FullName;

    public string DataDirectory => File("data");

    public string File(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text, new UTF8Encoding(false));
        return File(name);
    }

    public string Write(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    /// <summary>Runs <c>adapt</c> on the data directory until it ends.</summary>
    public async Task<CommandResult> RunAsync(params IEnumerable<string> arguments)
    {
        await using ChildProcess process = Start(arguments);
        return await process.EndAsync();
    }

    /// <summary>Starts <c>adapt</c> on the data directory.</summary>
    public ChildProcess Start(params IEnumerable<string> arguments) => ChildProcess.Adapt([.. arguments, "--data-dir", DataDirectory]);

    /// <summary>
    /// A hash of every model and observation file, by name and content. Uploads come and go, and the store's log is
    /// written ahead; what it holds is asked for by command.
    /// </summary>
    public string TensorHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string tensors = Path.Combine(DataDirectory, "tensors");
        string[] files = Directory.Exists(tensors) ? Directory.GetFiles(tensors, "*", SearchOption.AllDirectories) : [];
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(tensors, file);
            if (!name.StartsWith("staging", StringComparison.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(name));
                hash.AppendData(System.IO.File.ReadAllBytes(file));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Copies the data directory, which nobody may be serving.</summary>
    public DataFolder Copy()
    {
        var copy = new DataFolder();
        foreach (string file in Directory.GetFiles(DataDirectory, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy.DataDirectory, Path.GetRelativePath(DataDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            System.IO.File.Copy(file, target);
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
