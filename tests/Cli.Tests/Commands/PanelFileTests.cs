using System.Text;
using AdaptCluster.Cli.Commands;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Panels;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Tests.Commands;

public sealed class PanelFileTests
{
    private const string Wide = "x,a,b\n1,10,\n2,,NA\n3,30,5\n4,,6\n";

    [Fact]
    public void Labelled_EmptyCells_AreNotObserved()
    {
        Table table = Csv(Wide);

        (Table kept, Rows inputs, IReadOnlyList<PanelTargetRows> targets) = PanelFile.Labelled(table, Source("x"), ["a", "b"], dropMissing: false);

        Assert.Equal(4, kept.RowCount);
        Assert.Equal([1.0, 2, 3, 4], inputs.Values);
        Assert.Equal(["a", "b"], targets.Select(target => target.Target));
        Assert.Equal([10, double.NaN, 30, double.NaN], targets[0].Values.Values);
        Assert.Equal([double.NaN, double.NaN, 5, 6], targets[1].Values.Values);
    }

    [Fact]
    public void Labelled_MissingInputDropped_RowsOfAllTargetsGoTogether()
    {
        Table table = Csv("x,a\n1,10\n,20\n3,30\n");

        (Table kept, Rows inputs, IReadOnlyList<PanelTargetRows> targets) = PanelFile.Labelled(table, Source("x"), ["a"], dropMissing: true);

        Assert.Equal((2, 2), (kept.RowCount, kept.SourceRow(1)));
        Assert.Equal([1.0, 3], inputs.Values);
        Assert.Equal([10.0, 30], targets[0].Values.Values);
    }

    [Theory]
    [InlineData("x,a\n1,\n2,\n3,\n", "t.csv, column 'a': the target observed no row; it needs at least 2; fill in more cells, or leave the column out with --targets.")]
    [InlineData("x,a\n1,5\n2,\n", "t.csv, column 'a': the target observed one row; it needs at least 2; fill in more cells, or leave the column out with --targets.")]
    [InlineData("x,a\n1,5\n2,\n3,inf\n", "t.csv, line 4, column 'a': 'inf' is not a finite number; correct the value or remove the row.")]
    [InlineData("x,a\n1,5\n2,\n3,some\n", "t.csv, line 4, column 'a': 'some' is not a number; correct the value or remove the row.")]
    public void Labelled_WhatCannotBeUsed_NamesThePlace(string csv, string message)
    {
        TableException error = Assert.Throws<TableException>(() => PanelFile.Labelled(Csv(csv), Source("x"), ["a"], dropMissing: false));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Targets_FromAColumn_AreAllThatFollow()
    {
        Table table = Csv(Wide);

        Assert.Equal(["a", "b"], PanelFile.Targets(table, null, "a"));
        Assert.Equal(["b"], PanelFile.Targets(table, null, "b"));
        Assert.Equal(["b", "a"], PanelFile.Targets(table, ["b", "a"], null));
        Assert.StartsWith("t.csv: there is no column 'c'", Assert.Throws<TableException>(() => PanelFile.Targets(table, null, "c")).Message, StringComparison.Ordinal);
        Assert.Equal("--targets: 'a' is named twice; name it once.", Assert.Throws<InvalidInputException>(() => PanelFile.Targets(table, ["a", "a"], null)).Message);
    }

    [Fact]
    public void Labelled_SourceOfSeveralOutputs_IsRefused() => Assert.StartsWith(
        "source 's': it predicts 2 targets",
        Assert.Throws<InvalidInputException>(() => PanelFile.Labelled(Csv(Wide), Source("x") with { Targets = ["y", "z"] }, ["a"], dropMissing: false)).Message,
        StringComparison.Ordinal);

    private static SourceDescription Source(params string[] inputs) => new()
    {
        Name = "s",
        Schema = InputSchema.Numeric(inputs),
        Targets = ["y"],
        Network = NetworkDescription.Mlp(inputs.Length, [2], 1, "tanh"),
        Parameters = 1,
        ModelHash = "h",
        Registered = default,
    };

    private static Table Csv(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return CsvTableReader.Read("t.csv", stream, null, TestContext.Current.CancellationToken);
    }
}
