using AdaptCluster.Processes.Tests.Crashes;
using AdaptCluster.Processes.Tests.Sharing;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.BadInput;

/// <summary>A data directory that something else wrote to: said in one line, never served as if nothing were.</summary>
[Collection(nameof(OneDirectory))]
public sealed class DamageTests(CrashFixture directory)
{
    private const string Log = "store/AOF/aof.log.0";

    [Theory]
    [InlineData("layout garbage", "layout.json is not readable", "restore it from a backup")]
    [InlineData("layout missing", "it has a store but no layout.json", "restore it from a backup")]
    [InlineData("layout newer", "has layout 2, this version reads 1", "use the version that wrote it")]
    [InlineData("log truncated", "", "restore the data directory from a backup")]
    [InlineData("log overwritten", "", "restore the data directory from a backup")]
    [InlineData("log zeroed", "has lost acknowledged writes", "restore the data directory from a backup")]
    [InlineData("log missing", "has lost acknowledged writes", "restore the data directory from a backup")]
    [InlineData("store missing", "has lost acknowledged writes", "restore the data directory from a backup")]
    [InlineData("mark garbage", "store.mark is not two numbers", "restore it from a backup")]
    public async Task List_DamagedDirectory_IsRefusedInOneLine(string damage, params string[] says)
    {
        using DataFolder folder = directory.Folder.Copy();
        Damage(folder, damage);

        CommandResult result = await folder.RunAsync("sources", "list", "--json");

        string line = result.OneLineError(2);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Assert.Contains(folder.DataDirectory, line, StringComparison.Ordinal);
        Assert.All(says, said => Assert.Contains(said, line, StringComparison.Ordinal));
        Assert.Contains(folder.DataDirectory, result.Json().GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_DamagedDirectory_IsRefusedByTheServiceToo()
    {
        using DataFolder folder = directory.Folder.Copy();
        Damage(folder, "log truncated");
        await using ChildProcess silo = ChildProcess.Start(Executables.Dotnet, Executables.SiloLibrary, "--data-dir", folder.DataDirectory);

        CommandResult result = await silo.EndAsync();

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("adapt silo: the store in '", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("truncated", "is damaged (its checksum differs)")]
    [InlineData("flipped", "is damaged (its checksum differs)")]
    [InlineData("missing", "is missing")]
    public async Task Adapt_DamagedModelFile_FailsEveryTaskWithTheFileAndKeepsWhatThereWas(string damage, string says)
    {
        using DataFolder folder = directory.Folder.Copy();
        string model = Directory.GetFiles(Path.Combine(folder.DataDirectory, "tensors", "models")).Single();
        byte[] original = await File.ReadAllBytesAsync(model, TestContext.Current.CancellationToken);
        byte[] flipped = [.. original];
        flipped[^5] ^= 1;
        if (damage == "missing")
        {
            File.Delete(model);
        }
        else
        {
            await File.WriteAllBytesAsync(model, damage == "flipped" ? flipped : original[..^7], TestContext.Current.CancellationToken);
        }

        string file = folder.Write("one.csv", Bakeries.Csv(Bakeries.Orders(6, 1, 5, "new ")));
        CommandResult result = await folder.RunAsync(
            "tasks", "adapt", CrashFixture.Source, "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--json");

        Assert.Equal(2, result.ExitCode);
        string line = Assert.Single(
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("adapt: ", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Assert.StartsWith("adapt: task 'new 0' failed: ", line, StringComparison.Ordinal);
        Assert.Contains(model, line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.Contains("restore it from a backup", line, StringComparison.Ordinal);
        Assert.Single(result.Json().GetProperty("failed").EnumerateArray());
        Assert.Equal(0, result.Json().GetProperty("adapted").GetInt32());

        // With the file back, the same command works, and the rows are there once.
        await File.WriteAllBytesAsync(model, original, TestContext.Current.CancellationToken);
        CommandResult mended = await folder.RunAsync(
            "tasks", "adapt", CrashFixture.Source, "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--json");
        Assert.Equal(5, Assert.Single(mended.Succeeded().Json().GetProperty("tasks").EnumerateArray()).GetProperty("observations").GetInt32());
    }

    private static void Damage(DataFolder folder, string damage)
    {
        string At(string name) => Path.Combine(folder.DataDirectory, name);
        switch (damage)
        {
            case "layout garbage":
                File.WriteAllText(At("layout.json"), "garbage");
                break;
            case "layout missing":
                File.Delete(At("layout.json"));
                break;
            case "layout newer":
                File.WriteAllText(At("layout.json"), """{"version":2}""");
                break;
            case "log truncated":
                using (FileStream log = File.OpenWrite(At(Log)))
                {
                    log.SetLength(log.Length / 2);
                }

                break;
            case "log overwritten":
                using (FileStream log = File.OpenWrite(At(Log)))
                {
                    byte[] garbage = new byte[2000];
                    new Random(1).NextBytes(garbage);
                    log.Position = log.Length / 3;
                    log.Write(garbage);
                }

                break;
            case "log zeroed":
                File.WriteAllBytes(At(Log), new byte[new FileInfo(At(Log)).Length]);
                break;
            case "log missing":
                File.Delete(At(Log));
                break;
            case "store missing":
                Directory.Delete(At("store"), recursive: true);
                break;
            case "mark garbage":
                File.WriteAllText(At("store.mark"), "x");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage));
        }
    }
}
