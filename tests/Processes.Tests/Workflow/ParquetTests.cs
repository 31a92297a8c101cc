using System.Globalization;
using System.Text.Json;
using AdaptCluster.Processes.Tests.Support;
using Parquet;
using Parquet.Schema;

namespace AdaptCluster.Processes.Tests.Workflow;

[Collection(nameof(OneSilo))]
public sealed class ParquetTests(WholePathFixture path)
{
    [Fact]
    public async Task Train_TheSameRowsAsParquet_GiveTheSameModelBitForBit()
    {
        const string tenant = "parquet";
        string file = await WriteAsync("train.parquet", Bakeries.Orders(1, 12, 60, "old "));

        CommandResult trained = await path.Folder.RunAsync(
            "sources", "train", "from parquet", "--data", file, "--target", Bakeries.Target, "--task", Bakeries.Task, "--hidden", "16,16",
            "--epochs", "80", "--batch-size", "64", "--learning-rate", "0.01", "--seed", "7", "--tenant", tenant, "--json");

        Assert.Equal(
            path.Trained.GetProperty("modelHash").GetString(), trained.Succeeded().Json().GetProperty("modelHash").GetString());
    }

    [Fact]
    public async Task PredictAndEvaluate_ParquetInAndOut_GiveTheNumbersOfCsv()
    {
        string file = await WriteAsync("scored.parquet", path.Scored);
        string destination = path.Folder.File("predictions.parquet");
        JsonElement evaluated = (await path.Folder.RunAsync(
            ["evaluate", WholePathFixture.Source, .. path.Labelled("scored.parquet"), "--json"])).Succeeded().Json();
        (await path.Folder.RunAsync(
            "predict", WholePathFixture.Source, "--data", file, "--task", Bakeries.Task, "--out", destination, "--json")).Succeeded();

        Assert.Equal(path.Evaluated.ToString().Unindented(), evaluated.ToString().Unindented());
        List<string[]> csv = CsvText.Read(await File.ReadAllTextAsync(path.Predictions, TestContext.Current.CancellationToken));
        await using ParquetReader reader = await ParquetReader.CreateAsync(destination, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(csv[0], reader.Schema.DataFields.Select(field => field.Name));
        for (int column = 0; column < csv[0].Length; column++)
        {
            Assert.Equal(csv.Skip(1).Select(row => row[column]), await TextsAsync(reader, reader.Schema.DataFields[column], csv.Count - 1));
        }
    }

    private static async Task<string[]> TextsAsync(ParquetReader reader, DataField field, int count)
    {
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        if (field.Name == "task")
        {
            var texts = new string[count];
            await group.ReadAsync(field, texts);
            return texts;
        }

        if (field.ClrType == typeof(double))
        {
            double[] doubles = new double[count];
            await group.ReadAsync<double>(field, doubles);
            return Array.ConvertAll(doubles, value => value.ToString("R", CultureInfo.InvariantCulture));
        }

        long[] numbers = new long[count];
        await group.ReadAsync<long>(field, numbers);
        return Array.ConvertAll(numbers, value => value.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<string> WriteAsync(string name, List<Bakeries.Order> orders)
    {
        var schema = new ParquetSchema(
            new DataField<string>("shop", nullable: false),
            new DataField<string>("flour", nullable: false),
            new DataField<double>("weight_g"),
            new DataField<double>("hour"),
            new DataField<double>("price_eur"));
        await using FileStream stream = File.Create(path.Folder.File(name));
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync(schema.DataFields[0], orders.Select(order => order.Shop).ToArray());
        await group.WriteAsync(schema.DataFields[1], orders.Select(order => order.Flour).ToArray());
        await group.WriteAsync<double>(schema.DataFields[2], orders.Select(order => order.Weight).ToArray());
        await group.WriteAsync<double>(schema.DataFields[3], orders.Select(order => order.Hour).ToArray());
        await group.WriteAsync<double>(schema.DataFields[4], orders.Select(order => order.Price).ToArray());
        return path.Folder.File(name);
    }
}
