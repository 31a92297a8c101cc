using System.Runtime.CompilerServices;
using AdaptCluster.Import.Onnx.Operators;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>docs/operators.md is made from the table of operators.</summary>
public sealed class DocumentationTests
{
    /// <summary>With ADAPTCLUSTER_WRITE_DOCS=1 the page is written instead of compared.</summary>
    [Fact]
    public void OperatorsPage_IsWhatTheTableSays()
    {
        string page = Page();
        if (Environment.GetEnvironmentVariable("ADAPTCLUSTER_WRITE_DOCS") == "1")
        {
            File.WriteAllText(page, OperatorsPage.Text());
        }

        Assert.True(
            File.Exists(page) && File.ReadAllText(page) == OperatorsPage.Text(),
            "docs/operators.md is not what the table of operators says: run this test with ADAPTCLUSTER_WRITE_DOCS=1, and commit the page.");
    }

    private static string Page([CallerFilePath] string here = "")
    {
        foreach (string start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(here)! })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "AdaptCluster.sln")))
                {
                    return Path.Combine(folder.FullName, "docs", "operators.md");
                }
            }
        }

        throw new DirectoryNotFoundException("The tests are not within the repository.");
    }
}
