using System.Runtime.CompilerServices;

namespace AdaptCluster.Cli.Tests;

/// <summary>Files of the repository's samples folder, found from where this source file was compiled.</summary>
internal static class Samples
{
    public static string Flights => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../samples/data/flights.parquet"));

    public static string Schools => Path.Combine(Path.GetDirectoryName(Flights)!, "chem97.csv.gz");

    private static string Here([CallerFilePath] string path = "") => path;
}
