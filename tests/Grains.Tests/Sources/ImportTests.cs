using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Sources;

[Collection(nameof(SharedSilo))]
public sealed class ImportTests(SharedSilo shared)
{
    private static readonly PriorSetting Prior = new(1e-4, 0.1, MeanIsSource: true);

    [Theory]
    [InlineData("mlp", "mlp.onnx")]
    [InlineData("mlp", "mlp.pt")]
    [InlineData("mlp", "mlp.safetensors")]
    [InlineData("tabular", "tabular.onnx")]
    [InlineData("resnet", "resnet.onnx")]
    [InlineData("transformer", "transformer.onnx")]
    [InlineData("attention", "attention.onnx")]
    [InlineData("attention", "attention-named.onnx")]
    [InlineData("conv1d", "conv1d.onnx")]
    [InlineData("shared", "shared.onnx")]
    [InlineData("lstm", "lstm.pt")]
    public async Task ImportAsync_NetworkOfPyTorch_GivesPyTorchsOutputs(string network, string file)
    {
        LabelledRows expected = ModelFiles.Expected(network);
        SourceHandle source = shared.NewTenant().Source("s");

        SourceDescription imported = await ImportAsync(source, file);

        Assert.True(imported.IsPositional);
        Assert.Equal(expected.Inputs.Width, imported.Schema.Width);
        Assert.Equal(expected.Targets.Width, imported.Targets.Length);
        await source.SetPriorAsync(Prior);
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(expected);
        Prediction prediction = await task.PredictAsync(expected.Inputs);

        // The file's constants are float32 (the root of 2 in GELU, epsilons): 1e-7 is what they leave of float64.
        Assert.All(expected.Targets.Values.Zip(prediction.SourceMean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * (1 + Math.Abs(pair.First))));
    }

    [Fact]
    public async Task ImportAsync_SameFileAgain_AcknowledgedAndNothingChanged()
    {
        SourceHandle source = shared.NewTenant().Source("s");
        SourceDescription first = await ImportAsync(source, "mlp.onnx");
        await source.SetPriorAsync(Prior);

        SourceDescription again = await ImportAsync(source, "mlp.onnx");

        Assert.Equal(first.Registered, again.Registered);
        Assert.Equal(1, again.Prior!.Version);
        Assert.Empty(StagedUploads());
    }

    [Fact]
    public async Task ImportAsync_AnotherFileOrSchemaUnderTheName_RefusedAndNothingLeftBehind()
    {
        SourceHandle source = shared.NewTenant().Source("s");
        string hash = (await ImportAsync(source, "mlp.onnx")).ModelHash;
        int models = Models();

        await Assert.ThrowsAsync<AlreadyExistsException>(() => ImportAsync(source, "shared.onnx"));
        await Assert.ThrowsAsync<AlreadyExistsException>(() => ImportAsync(source, "mlp.onnx", new ImportOptions { Adapting = "last" }));
        await Assert.ThrowsAsync<AlreadyExistsException>(() => ImportAsync(source, "mlp.onnx", new ImportOptions { Targets = ["a", "b"] }));

        Assert.Equal(hash, (await source.DescribeAsync()).ModelHash);
        Assert.Equal(models, Models());
        Assert.Empty(StagedUploads());
    }

    [Fact]
    public async Task ImportAsync_WithSchema_KeepsColumnsTargetsAndUnits()
    {
        SourceHandle source = shared.NewTenant().Source("s");
        var schema = new InputSchema([new InputColumn("a", []), new InputColumn("kind", ["x", "y"]), new InputColumn("l", []) { Length = 2 }]);
        double[] mean = [1, 2, 3, 4, 5];

        SourceDescription imported = await ImportAsync(source, "mlp.onnx", new ImportOptions
        {
            Schema = schema,
            Targets = ["u", "v"],
            InputMean = mean,
            InputScale = [2],
            OutputMean = [10, 20],
            OutputScale = [3, 4],
            Adapting = "4.*",
        });

        Assert.False(imported.IsPositional);
        Assert.Equal(["a", "kind", "l"], imported.Schema.Columns.Select(column => column.Name));
        Assert.Equal(2, imported.Schema.Columns[2].Length);
        Assert.Equal(["4.weight", "4.bias"], imported.AdaptedBlocks);
        Assert.Equal((18, 250 - 18), (imported.Parameters, imported.FrozenParameters));
        await source.SetPriorAsync(Prior);
        LabelledRows expected = ModelFiles.Expected("mlp");
        double[] inputs = [.. expected.Inputs.Values.Select((x, i) => (2 * x) + mean[i % 5])];
        double[] outputs = [.. expected.Targets.Values.Select((y, i) => (y * (3 + (i % 2))) + (10 * (1 + (i % 2))))];
        var rows = new LabelledRows(new Rows(6, 5, inputs), new Rows(6, 2, outputs));
        await source.Task("t").AdaptAsync(rows);
        Prediction prediction = await source.Task("t").PredictAsync(rows.Inputs);
        Assert.All(outputs.Zip(prediction.SourceMean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public async Task ImportAsync_WholeNumberInputs_AreIndexColumns()
    {
        SourceDescription tabular = await ImportAsync(shared.NewTenant().Source("s"), "tabular.onnx");
        SourceDescription resnet = await ImportAsync(shared.NewTenant().Source("s"), "resnet.onnx");

        Assert.Equal([false, false, false, false, true, true], tabular.Schema.Columns.Select(column => column.IsIndex));
        Assert.Equal(["x0", "x1", "x2", "x3", "x4", "x5"], tabular.Schema.Columns.Select(column => column.Name));
        Assert.Equal("y", Assert.Single(tabular.Targets));
        InputColumn image = Assert.Single(resnet.Schema.Columns);
        Assert.Equal(("x", 3072, false), (image.Name, image.Length, image.IsIndex));
        Assert.Equal(["y0", "y1"], resnet.Targets);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "untrusted", "lstm.pt: it is TorchScript: a program, which can do anything that the silo can; if you trust whoever made it, repeat the command with --trust; if not, ask for an ONNX file, which is only read." },
        { "no shape", "lstm.pt: it is TorchScript, which does not say what it reads; give the shape of one row, as in --inputs 12 or --inputs 3x32x32." },
        { "wrong shape", "lstm.pt: The network: the program failed on 2 rows of the shape [13]: RuntimeError: shape '[2, 12, 1]' is invalid for input of size 26; see docs/importing.md for what a program must be, and check --inputs." },
        { "no spec", "mlp.pt: it has weights alone, not the network they belong to; describe the network in JSON (docs/network-spec.md) and name that file with --spec, or export the network as ONNX." },
        { "bad spec", "net.json: The network: the text cannot be read at $" },
        { "other spec", "mlp.pt: the structure needs 'other.bias', 'other.weight', which the file does not have; the file has '0.bias'" },
        { "needless spec", "mlp.onnx: it is an ONNX model, which brings its own structure; leave out --spec." },
        { "needless shape", "mlp.onnx: it is an ONNX model, which says what it reads; leave out --inputs." },
        { "adapt nothing", "adapted parameters: no parameter is called 'fc.*'; there are 0.weight, 0.bias, 2.weight, 2.bias, 4.weight, 4.bias; use all, last" },
        { "adapt empty", "adapted parameters: they are none; use all, last, or names and patterns of parameters, as in layer4.*,fc.weight." },
        { "width", "mlp.onnx: it has 5 inputs, but the schema encodes to 3; make them equal." },
        { "targets", "mlp.onnx: it has 2 outputs for 1 targets; make them equal." },
        { "mean", "standardisation of the inputs: it does not fit; send 5 finite means and 5 positive scales, or none." },
        { "no model", "model: it is no model file of a known kind; give an ONNX model, a TorchScript archive, a PyTorch state dictionary or safetensors." },
        { "empty", "model: the file is empty; give a file of at most 1,000,000,000 bytes." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task ImportAsync_WhatCannotBe_RefusedWithTheRemedyAndNothingKept(string what, string message)
    {
        AdaptClient client = shared.NewTenant();
        SourceHandle source = client.Source("s");
        string other = ModelFiles.MlpSpec.Replace("\"0\"", "\"other\"", StringComparison.Ordinal);
        int models = Models();

        Func<Task> import = what switch
        {
            "untrusted" => () => ImportAsync(source, "lstm.pt", new ImportOptions { InputShape = [12] }),
            "no shape" => () => ImportAsync(source, "lstm.pt", new ImportOptions { Trust = true }),
            "wrong shape" => () => ImportAsync(source, "lstm.pt", new ImportOptions { Trust = true, InputShape = [13] }),
            "no spec" => () => ImportAsync(source, "mlp.pt", new ImportOptions()),
            "bad spec" => () => ImportAsync(source, "mlp.pt", new ImportOptions { Spec = "{\"nodes\":7}", SpecName = "net.json" }),
            "other spec" => () => ImportAsync(source, "mlp.pt", new ImportOptions { Spec = other }),
            "needless spec" => () => ImportAsync(source, "mlp.onnx", new ImportOptions { Spec = other }),
            "needless shape" => () => ImportAsync(source, "mlp.onnx", new ImportOptions { InputShape = [5] }),
            "adapt nothing" => () => ImportAsync(source, "mlp.pt", new ImportOptions { Spec = ModelFiles.MlpSpec, Adapting = "fc.*" }),
            "adapt empty" => () => ImportAsync(source, "mlp.onnx", new ImportOptions { Adapting = " , " }),
            "width" => () => ImportAsync(source, "mlp.onnx", new ImportOptions { Schema = InputSchema.Numeric("a", "b", "c") }),
            "targets" => () => ImportAsync(source, "mlp.onnx", new ImportOptions { Targets = ["a"] }),
            "mean" => () => ImportAsync(source, "mlp.onnx", new ImportOptions { InputMean = [1, 2] }),
            "no model" => () => source.ImportAsync(new MemoryStream("no model"u8.ToArray()), new ImportOptions()),
            _ => () => source.ImportAsync(new MemoryStream(), new ImportOptions()),
        };

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(import);

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(await client.ListSourcesAsync());
        Assert.Empty(StagedUploads());
        Assert.Equal(models, Models());
    }

    [Fact]
    public async Task ImportAsync_NotWhatWasAnnounced_Refused()
    {
        AdaptClient client = shared.NewTenant();
        byte[] bytes = ModelFiles.Read("mlp.onnx");
        var upload = Guid.NewGuid();
        string part = await shared.Silo.Grains.GetGrain<IStagingGrain>(0).StageAsync(upload, TensorPayload.FromBytes(bytes));
        ISourceTaskGrain grain = shared.Silo.Grains.GetGrain<ISourceTaskGrain>(new SourceKey(client.Tenant, "s").ToString());

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => grain.ImportAsync(new ImportRequest
        {
            FileName = "f",
            Model = new StagedFile(upload, [part], bytes.Length, new string('0', 64)),
        }));

        Assert.Equal("f: what was sent is not the file that was announced; send it again.", error.Message);
        foreach (long length in new[] { 0, -1, StagedFile.MaxBytes + 1 })
        {
            error = await Assert.ThrowsAsync<InvalidInputException>(() => grain.ImportAsync(new ImportRequest
            {
                FileName = "f",
                Model = new StagedFile(upload, [part], length, part),
            }));
            Assert.StartsWith($"f: it has {length:N0} bytes", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ImportAsync_MutatedFiles_AreImportedOrRefused()
    {
        AdaptClient client = shared.NewTenant();
        var random = new Random(5);
        string[] files = ["mlp.onnx", "tabular.onnx", "mlp.pt", "mlp.safetensors", "attention.onnx", "conv1d.onnx"];
        int refused = 0;
        for (int i = 0; i < 120; i++)
        {
            string file = files[i % files.Length];
            byte[] bytes = ModelFiles.Read(file);
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                await client.Source($"s{i}").ImportAsync(new MemoryStream(bytes), Options(file));
            }
            catch (InvalidInputException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 10, 119);
        Assert.Equal(120 - refused, (await client.ListSourcesAsync()).Count);
        Assert.Empty(StagedUploads());
    }

    [Theory]
    [InlineData("mlp", "mlp.onnx", SourceFormat.Onnx)]
    [InlineData("tabular", "tabular.onnx", SourceFormat.Onnx)]
    [InlineData("resnet", "resnet.onnx", SourceFormat.Onnx)]
    [InlineData("transformer", "transformer.onnx", SourceFormat.Safetensors)]
    [InlineData("resnet", "resnet.onnx", SourceFormat.Safetensors)]
    public async Task ExportAsync_ImportedAgain_IsTheSameFunction(string network, string file, SourceFormat format)
    {
        AdaptClient client = shared.NewTenant();
        await ImportAsync(client.Source("s"), file, new ImportOptions { Adapting = "last" });
        using var exported = new MemoryStream();

        await client.Source("s").ExportAsync(format, exported);

        exported.Position = 0;
        SourceHandle again = client.Source("again");
        await again.ImportAsync(exported, new ImportOptions());
        await again.SetPriorAsync(Prior);
        LabelledRows expected = ModelFiles.Expected(network);
        await again.Task("t").AdaptAsync(expected);
        Prediction prediction = await again.Task("t").PredictAsync(expected.Inputs);
        Assert.All(expected.Targets.Values.Zip(prediction.SourceMean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * (1 + Math.Abs(pair.First))));
    }

    [Fact]
    public async Task ExportAsync_Program_RefusedWithTheRemedy()
    {
        SourceHandle source = shared.NewTenant().Source("s");
        await ImportAsync(source, "lstm.pt");

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => source.ExportAsync(SourceFormat.Onnx, new MemoryStream()));

        Assert.StartsWith("source 's': its network is a TorchScript program; keep the file", error.Message, StringComparison.Ordinal);
    }

    private static ImportOptions Options(string file) => file switch
    {
        "lstm.pt" => new ImportOptions { FileName = file, Trust = true, InputShape = [12] },
        "mlp.pt" or "mlp.safetensors" => new ImportOptions { FileName = file, Spec = ModelFiles.MlpSpec },
        _ => new ImportOptions { FileName = file },
    };

    private static Task<SourceDescription> ImportAsync(SourceHandle source, string file, ImportOptions? options = null)
    {
        options = options is null ? Options(file) : new ImportOptions
        {
            FileName = file,
            Spec = options.Spec,
            SpecName = options.SpecName,
            Schema = options.Schema,
            Targets = options.Targets,
            InputMean = options.InputMean,
            InputScale = options.InputScale,
            OutputMean = options.OutputMean,
            OutputScale = options.OutputScale,
            Adapting = options.Adapting,
            Trust = options.Trust,
            InputShape = options.InputShape,
        };
        return source.ImportAsync(new MemoryStream(ModelFiles.Read(file)), options);
    }

    private string[] StagedUploads()
    {
        string staging = Path.Combine(shared.Folder, "tensors", "staging");
        return Directory.Exists(staging) ? Directory.GetDirectories(staging) : [];
    }

    private int Models() => Directory.Exists(Path.Combine(shared.Folder, "tensors", "models"))
        ? Directory.GetFiles(Path.Combine(shared.Folder, "tensors", "models"), "*", SearchOption.AllDirectories).Length
        : 0;
}
