using System.Text.Json;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Workflow;

/// <summary>From a model file to predictions, by commands alone, on one silo.</summary>
public sealed class ImportTests : IAsyncLifetime
{
    private const string MlpSpec =
        """
        {"inputs":[{"name":"x","shape":[5]}],"output":"4","nodes":[
          {"op":"linear","name":"0","inputs":["x"],"outputs":16},
          {"op":"activation","name":"1","inputs":["0"],"function":"Tanh"},
          {"op":"linear","name":"2","inputs":["1"],"outputs":8},
          {"op":"activation","name":"3","inputs":["2"],"function":"GELU"},
          {"op":"linear","name":"4","inputs":["3"],"outputs":2}]}
        """;

    private readonly DataFolder _folder = new();
    private SiloProcess _silo = null!;

    public async ValueTask InitializeAsync() => _silo = await SiloProcess.StartAsync(_folder.DataDirectory, "--threads", "1");

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    public static TheoryData<string, int[], int, string[]> Fixtures => new()
    {
        { "mlp.onnx", [0, 0, 0, 0, 0], 2, [] },
        { "mlp.pt", [0, 0, 0, 0, 0], 2, ["--spec", "SPEC"] },
        { "mlp.safetensors", [0, 0, 0, 0, 0], 2, ["--spec", "SPEC", "--adapt", "4.*"] },
        { "tabular.onnx", [0, 0, 0, 0, 7, 12], 1, [] },
        { "resnet.onnx", [.. new int[3072]], 2, [] },
        { "resnet.onnx", [.. new int[3072]], 2, ["--adapt", "last"] },
        { "transformer.onnx", [.. Enumerable.Repeat(50, 10)], 1, [] },
        { "lstm.pt", [.. new int[12]], 1, ["--trust", "--inputs", "12"] },
    };

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Import_ThenThePath_AdaptedTasksPredictBetterThanTheNetwork(string file, int[] vocabularies, int targets, string[] options)
    {
        bool isImage = vocabularies.Length > 64;
        int each = isImage ? 12 : 20;
        string fit = await WriteAsync("fit", ModelFiles.Rows(1, 5, each, vocabularies, targets), isImage);
        string next = await WriteAsync("next", ModelFiles.Rows(2, 5, 6, vocabularies, targets), isImage);
        string target = string.Join(",", Enumerable.Range(0, targets).Select(i => $"t{i}"));
        string spec = _folder.Write("net.json", MlpSpec);
        string predictions = _folder.File("predictions.csv");

        JsonElement imported = await JsonAsync(["sources", "import", "net", "--model", ModelFiles.Path(file), .. options.Select(option => option == "SPEC" ? spec : option)]);
        JsonElement again = await JsonAsync(["sources", "import", "net", "--model", ModelFiles.Path(file), .. options.Select(option => option == "SPEC" ? spec : option)]);
        await JsonAsync(["prior", "fit", "net", "--data", fit, "--target", target, "--task", ModelFiles.Task, "--iterations", "15"]);
        JsonElement adapted = await JsonAsync(["tasks", "adapt", "net", "--data", fit, "--target", target, "--task", ModelFiles.Task]);
        JsonElement predicted = await JsonAsync(["predict", "net", "--data", next, "--target", target, "--task", ModelFiles.Task, "--out", predictions]);
        JsonElement evaluated = await JsonAsync(["evaluate", "net", "--data", next, "--target", target, "--task", ModelFiles.Task]);
        CommandResult shown = (await _folder.RunAsync("sources", "show", "net")).Succeeded();

        Assert.True(imported.GetProperty("isPositional").GetBoolean());
        Assert.Equal(imported.GetProperty("registered").GetString(), again.GetProperty("registered").GetString());
        Assert.Equal(5, adapted.GetProperty("adapted").GetInt32());
        Assert.Equal(30, predicted.GetProperty("rows").GetInt32());
        double mse = evaluated.GetProperty("adapted").GetProperty("mse").GetDouble();
        double source = evaluated.GetProperty("sourceOnly").GetProperty("mse").GetDouble();
        Assert.True(mse < source / 3, $"adapted {mse}, source only {source}");
        List<string[]> rows = CsvText.Read(await File.ReadAllTextAsync(predictions, TestContext.Current.CancellationToken));
        Assert.Equal(targets == 1 ? "task,row,mean,sd,lower95,upper95,version" : "task,row,mean,sd,lower95,upper95,version,target", string.Join(',', rows[0]));
        Assert.Equal(1 + (30 * targets), rows.Count);
        Assert.Contains($"{vocabularies.Length:N0} numbers by position", shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhatCannotBe_ExitsWithTwoAndOneLine()
    {
        string csv = _folder.Write("rows.csv", ModelFiles.Csv(ModelFiles.Rows(1, 2, 4, [0, 0, 0, 0], 2)));
        await JsonAsync(["sources", "import", "net", "--model", ModelFiles.Path("mlp.onnx")]);

        await RefusedAsync("which can do anything that the silo can", "sources", "import", "a", "--model", ModelFiles.Path("lstm.pt"));
        await RefusedAsync("name that file with --spec", "sources", "import", "a", "--model", ModelFiles.Path("mlp.pt"));
        await RefusedAsync("there is no such file; check the path.", "sources", "import", "a", "--model", _folder.File("none.onnx"));
        await RefusedAsync("it is no model file of a known kind", "sources", "import", "a", "--model", csv);
        await RefusedAsync("'3y2' is no shape", "sources", "import", "a", "--model", ModelFiles.Path("lstm.pt"), "--trust", "--inputs", "3y2");
        await RefusedAsync("exists already", "sources", "import", "net", "--model", ModelFiles.Path("shared.onnx"));
        await RefusedAsync("net.json: The network: the text cannot be read", "sources", "import", "a", "--model", ModelFiles.Path("mlp.pt"), "--spec", _folder.Write("net.json", "{]"));
        await RefusedAsync("s.json: it names no targets", "sources", "import", "a", "--model", ModelFiles.Path("mlp.onnx"), "--schema", _folder.Write("s.json", "{\"columns\":[{\"name\":\"a\"}]}"));
        await RefusedAsync(
            "source 'net' reads 5 numbers, but the columns besides 'shop', 't0', 't1' have 4 ('f0', 'f1', 'f2', 'f3'); leave in the inputs alone",
            "prior", "fit", "net", "--data", csv, "--target", "t0,t1", "--task", "shop");
        await RefusedAsync("predicts 2 targets, not 't0'; name 2 columns", "prior", "fit", "net", "--data", csv, "--target", "t0", "--task", "shop");
        Assert.Single((await JsonAsync(["sources", "list"])).GetProperty("sources").EnumerateArray());
    }

    [Fact]
    public async Task TrainAndExport_BySpecAndSchema_FileIsImportedAgain()
    {
        List<ModelFiles.Row> rows = ModelFiles.Rows(1, 6, 40, [0, 0, 5], 1);
        string csv = _folder.Write("rows.csv", ModelFiles.Csv(rows));
        string spec = _folder.Write(
            "net.json",
            """
            {"inputs":[{"name":"numbers","shape":[2]},{"name":"kind","shape":[1]}],"output":"head","nodes":[
              {"op":"embedding","name":"table","inputs":["kind"],"vocabulary":5,"width":2},
              {"op":"reshape","name":"looked","inputs":["table"],"shape":[2]},
              {"op":"concat","name":"all","inputs":["numbers","looked"],"axis":0},
              {"op":"linear","name":"hidden","inputs":["all"],"outputs":8},
              {"op":"activation","name":"tanh","inputs":["hidden"],"function":"Tanh"},
              {"op":"linear","name":"head","inputs":["tanh"],"outputs":1}]}
            """);
        string schema = _folder.Write("schema.json", """{"columns":[{"name":"f0"},{"name":"f1"},{"name":"f2","encoding":"index"}],"targets":["t0"]}""");
        string[] data = ["--data", csv, "--target", "t0", "--task", "shop"];

        JsonElement trained = await JsonAsync(["sources", "train", "net", .. data, "--spec", spec, "--schema", schema, "--adapt", "last", "--epochs", "30"]);
        Assert.Equal(9, trained.GetProperty("parameters").GetInt32());
        string onnx = _folder.File("net.onnx");
        await JsonAsync(["sources", "export", "net", "--out", onnx]);
        await RefusedAsync("the file exists; name another one, or replace it with --force.", "sources", "export", "net", "--out", onnx);
        await JsonAsync(["sources", "export", "net", "--out", onnx, "--force"]);
        await JsonAsync(["sources", "export", "net", "--out", _folder.File("net.safetensors")]);
        await RefusedAsync("use the extension .onnx or .safetensors.", "sources", "export", "net", "--out", _folder.File("net.pt"));
        await RefusedAsync("no source named 'none'", "sources", "export", "none", "--out", _folder.File("none.onnx"));
        Assert.False(File.Exists(_folder.File("none.onnx")));
        await JsonAsync(["sources", "import", "again", "--model", onnx, "--schema", schema, "--adapt", "last"]);
        await JsonAsync(["sources", "import", "weights", "--model", _folder.File("net.safetensors")]);
        string[] shown = [.. (await _folder.RunAsync("sources", "show", "again")).Succeeded().Out.Split('\n').Where(line => line.StartsWith("inputs", StringComparison.Ordinal))];
        Assert.Equal("inputs      f0, f1, f2 (an index)", Assert.Single(shown).TrimEnd());
        foreach (string name in new[] { "net", "again" })
        {
            await JsonAsync(["prior", "set", name, "--scale", "0.1", "--noise-variance", "0.1"]);
            await JsonAsync(["tasks", "adapt", name, .. data]);
        }

        // The same function from the data's units to the data's units; the file has it in 32 bits.
        double first = (await JsonAsync(["evaluate", "net", .. data])).GetProperty("sourceOnly").GetProperty("mse").GetDouble();
        double second = (await JsonAsync(["evaluate", "again", .. data])).GetProperty("sourceOnly").GetProperty("mse").GetDouble();
        Assert.Equal(first, second, 1e-4 * first);
        await RefusedAsync("--spec says that already; use one of them.", ["sources", "train", "x", .. data, "--spec", spec, "--hidden", "3"]);
        await RefusedAsync("net.json: it has 3 inputs, but the schema encodes to 2; make them equal.", ["sources", "train", "x", .. data, "--spec", spec, "--features", "f0,f1"]);
    }

    [Fact]
    public async Task Import_TwoHundredMutatedFiles_TheSiloStaysUpAndAnswers()
    {
        var random = new Random(3);
        string[] files = ["mlp.onnx", "tabular.onnx", "transformer.onnx", "conv1d.onnx", "mlp.pt", "mlp.safetensors", "tabular.pt", "lstm.pt"];
        Client.AdaptClient client = await _silo.ConnectAsync();
        int refused = 0;
        for (int i = 0; i < 200; i++)
        {
            string file = files[i % files.Length];
            byte[] bytes = await File.ReadAllBytesAsync(ModelFiles.Path(file), TestContext.Current.CancellationToken);
            Mutate(bytes, random);
            try
            {
                await client.Source($"m{i}").ImportAsync(new MemoryStream(bytes), new Client.Sources.ImportOptions
                {
                    FileName = file,
                    Trust = true,
                    InputShape = file == "lstm.pt" ? [12] : [],
                    Spec = file is "mlp.pt" or "mlp.safetensors" ? MlpSpec : null,
                });
            }
            catch (Grains.Interfaces.Errors.InvalidInputException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 60, 199);
        Assert.False(_silo.Process.HasExited);
        await JsonAsync(["sources", "import", "sound", "--model", ModelFiles.Path("mlp.onnx")]);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder.DataDirectory, "tensors", "staging")));
    }

    private static void Mutate(byte[] bytes, Random random)
    {
        switch (random.Next(3))
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                for (int i = 0; i < 5; i++)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                break;
            default:
                int start = random.Next(bytes.Length);
                bytes.AsSpan(start, Math.Min(16, bytes.Length - start)).Fill((byte)random.Next(256));
                break;
        }
    }

    private async Task<string> WriteAsync(string name, List<ModelFiles.Row> rows, bool isImage) => isImage
        ? await ModelFiles.WriteParquetAsync(_folder, $"{name}.parquet", rows)
        : _folder.Write($"{name}.csv", ModelFiles.Csv(rows));

    private async Task<JsonElement> JsonAsync(string[] arguments) => (await _folder.RunAsync([.. arguments, "--json"])).Succeeded().Json();

    private async Task RefusedAsync(string part, params string[] arguments) =>
        Assert.Contains(part, (await _folder.RunAsync(arguments)).OneLineError(2), StringComparison.Ordinal);
}
