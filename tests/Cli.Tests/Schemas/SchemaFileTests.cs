using AdaptCluster.Cli.Schemas;
using AdaptCluster.Cli.Tables;

namespace AdaptCluster.Cli.Tests.Schemas;

public sealed class SchemaFileTests
{
    [Fact]
    public void Parse_EveryKindOfColumn_AsMeant()
    {
        SchemaFile schema = SchemaFile.Parse(
            """
            {
              // comments are fine
              "columns": [
                {"name": "age"},
                {"name": "store", "categories": ["b", "a"], "encoding": "index"},
                {"name": "kind", "categories": ["x", "y"], "encoding": "one-hot"},
                {"name": "plain", "categories": ["x", "y"]},
                {"name": "tokens", "length": 4, "encoding": "index"},
                {"name": "image", "length": 12},
              ],
              "targets": ["angle"],
              "inputs": {"mean": [1, 2], "scale": [3.5]},
              "outputs": {"scale": [2]}
            }
            """,
            "s.json");

        Assert.Equal(["age", "store", "kind", "plain", "tokens", "image"], schema.Schema.Columns.Select(column => column.Name));
        Assert.Equal([1, 1, 2, 2, 4, 12], schema.Schema.Columns.Select(column => column.Width));
        Assert.Equal([false, true, false, false, true, false], schema.Schema.Columns.Select(column => column.IsIndex));
        Assert.Equal(["b", "a"], schema.Schema.Columns[1].Categories);
        Assert.Equal(["angle"], schema.Targets);
        Assert.Equal([1.0, 2.0], schema.InputMean);
        Assert.Equal([3.5], schema.InputScale);
        Assert.Empty(schema.OutputMean);
        Assert.Equal([2.0], schema.OutputScale);
        Assert.True(schema.HasStandardisation);
    }

    [Fact]
    public void Parse_OnlyColumns_LeavesTheRestOpen()
    {
        SchemaFile schema = SchemaFile.Parse("""{"columns":[{"name":"a"}]}""", "s.json");

        Assert.Empty(schema.Targets);
        Assert.False(schema.HasStandardisation);
    }

    [Theory]
    [InlineData("", "line 1: this is no schema: ")]
    [InlineData("null", "line 1: this is no schema: the text is 'null'; see docs/schema-file.md.")]
    [InlineData("{}", "line 1: this is no schema: ")]
    [InlineData("{\"columns\":[]}", "it names no column; list the input columns under \"columns\".")]
    [InlineData("{\"columns\":[{\"name\":\"a\"}],\"colums\":[]}", "line 1: this is no schema: The JSON property 'colums' could not be mapped")]
    [InlineData("{\"columns\":[{\"nam\":\"a\"}]}", "line 1: this is no schema: ")]
    [InlineData("{\"columns\":[null]}", "a column has no name; name it.")]
    [InlineData("{\"columns\":[{\"name\":\" \"}]}", "a column has no name; name it.")]
    [InlineData("{\"columns\":[{\"name\":\"a\"},{\"name\":\"a\"}]}", "'a' is named twice; name each column once.")]
    [InlineData("{\"columns\":[{\"name\":\"a\"}],\"targets\":[\"a\"]}", "'a' is named twice; name each column once.")]
    [InlineData("{\"columns\":[{\"name\":\"a\"}],\"targets\":[null]}", "a target has no name; name it.")]
    [InlineData("{\"columns\":[{\"name\":\"a\",\"encoding\":\"onehot\"}]}", "column 'a' has the encoding 'onehot'; use \"index\" or \"one-hot\".")]
    [InlineData("{\"columns\":[{\"name\":\"a\",\"length\":0}]}", "column 'a' cannot have the length 0; give a list's length, of at least 1, without categories.")]
    [InlineData("{\"columns\":[{\"name\":\"a\",\"length\":2,\"categories\":[\"x\"]}]}", "column 'a' cannot have the length 2; give")]
    [InlineData("{\"columns\":[{\"name\":\"a\",\"categories\":[]}]}", "column 'a' has 0 categories, none or too many of them or one twice; list from 1 to 256 different ones.")]
    [InlineData("{\"columns\":[{\"name\":\"a\",\"categories\":[\"x\",\"x\"],\"encoding\":\"index\"}]}", "column 'a' has 2 categories, none or too many of them or one twice; list from 1 to 100000")]
    [InlineData("{\"columns\":[{\"name\":\"a\",\"categories\":[\"\"]}]}", "column 'a' has an empty category; remove it.")]
    [InlineData("{\"columns\":[{\"name\":\"a\"}],\"inputs\":{\"scale\":[0]}}", "inputs.scale has the value 0; give finite numbers above 0.")]
    [InlineData("{\"columns\":[{\"name\":\"a\"}],\"outputs\":{\"mean\":[1e999]}}", "outputs.mean has the value ")]
    [InlineData("{\"columns\":[{\"name\":\"a\"}],\"columns\":[]}", "line 1: this is no schema: ")]
    public void Parse_NoSchema_SaysWhatAndWhere(string json, string message)
    {
        TableException error = Assert.Throws<TableException>(() => SchemaFile.Parse(json, "s.json"));

        Assert.StartsWith(message.StartsWith("line", StringComparison.Ordinal) ? $"s.json, {message}" : $"s.json: {message}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
