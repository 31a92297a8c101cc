using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Tests.Sources;

[Collection(nameof(SharedSilo))]
public sealed class TrainingTests(SharedSilo shared)
{
    private static readonly InputSchema Schema = InputSchema.Numeric("x0", "x1");
    private static readonly string[] Targets = ["y"];

    private static TrainingOptions Short { get; } = new() { Hidden = [5], Epochs = 3, BatchSize = 16, Seed = 4 };

    [Fact]
    public async Task TrainAsync_Rows_RegisteredWithItsSummaryAfterEveryEpochWasTold()
    {
        AdaptClient client = shared.NewTenant();
        var updates = new Updates<TrainingUpdate>();

        SourceDescription source = await client.Source("s").TrainAsync(Rows(), Schema, Targets, Short, updates);

        Assert.Equal(["s"], (await client.ListSourcesAsync()).Select(listed => listed.Name));
        Assert.Equal("2-5-1 tanh", source.Network.ToString());
        Assert.Equal((60, 3), (source.Training!.Rows, source.Training.Epochs));
        Assert.Equal([1, 2, 3], updates.All.Where(update => update.Registered is null).Select(update => update.Epoch));
        Assert.Equal(source.ModelHash, updates.All[^1].Registered!.ModelHash);
        Assert.Equal(source.ModelHash, (await client.Source("s").DescribeAsync()).ModelHash);
    }

    [Fact]
    public async Task TrainAsync_SameSeedAndAnother_SameHashAndAnother()
    {
        AdaptClient client = shared.NewTenant();
        var reseeded = new TrainingOptions { Hidden = [5], Epochs = 3, BatchSize = 16, Seed = 5 };

        SourceDescription first = await client.Source("a").TrainAsync(Rows(), Schema, Targets, Short);
        SourceDescription same = await client.Source("b").TrainAsync(Rows(), Schema, Targets, Short);
        SourceDescription other = await client.Source("c").TrainAsync(Rows(), Schema, Targets, reseeded);

        Assert.Equal(first.ModelHash, same.ModelHash);
        Assert.NotEqual(first.ModelHash, other.ModelHash);
    }

    [Fact]
    public async Task TrainAsync_RowsInSeveralParts_AsInOne()
    {
        // 2 columns: a part is 65,536 rows, so these are three.
        var problem = new Problem();
        LabelledRows rows = problem.Rows(140_000);
        AdaptClient client = shared.NewTenant();
        var once = new TrainingOptions { Hidden = [2], Epochs = 1, BatchSize = 20_000 };

        SourceDescription source = await client.Source("s").TrainAsync(rows, Schema, Targets, once);

        Assert.Equal(140_000, source.Training!.Rows);
        Assert.Empty(StagedUploads());
    }

    [Fact]
    public async Task TrainAsync_Cancelled_NothingIsLeftAndTheNameIsFree()
    {
        AdaptClient client = shared.NewTenant();
        SourceHandle source = client.Source("s");
        using var cancel = new CancellationTokenSource();
        var updates = new Updates<TrainingUpdate>(update => cancel.CancelAfter(0));
        var endless = new TrainingOptions { Hidden = [5], Epochs = 1_000_000, Patience = 1_000_000 };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => source.TrainAsync(Rows(), Schema, Targets, endless, updates, cancel.Token));

        await Assert.ThrowsAsync<NotFoundException>(() => source.DescribeAsync());
        Assert.Empty(await client.ListSourcesAsync());
        SourceDescription trained = await Eventually.SucceedsAsync<SourceDescription, InvalidInputException>(
            () => source.TrainAsync(Rows(), Schema, Targets, Short));
        Assert.Equal(3, trained.Training!.Epochs);
        await Eventually.IsTrueAsync(() => StagedUploads().Length == 0, "the staged rows stay");
    }

    [Fact]
    public async Task TrainAsync_NameIsTaken_Refused()
    {
        SourceHandle source = await new Problem().RegisterAsync(shared.NewTenant());

        await Assert.ThrowsAsync<AlreadyExistsException>(() => source.TrainAsync(Rows(), Schema, Targets, Short));
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "constant", "target 'y': it is 7 in every row; choose a target, or rows, in which it varies." },
        { "one row", "data: it has one row; give at least two, better thousands." },
        { "no rows", "data: it has no rows; give at least two." },
        { "NaN", "targets: row 2 (from 0), column 0 is NaN; send finite numbers." },
        { "width", "inputs: their shape is [60, 3]; send [60, 2] with at least one row." },
        { "targets", "targets: their shape is [60, 2]; send [60, 1] with at least one row." },
        { "epochs", "epochs: it is 0; give at least 1." },
        { "batch size", "batch size: it is -1; give at least 1." },
        { "patience", "patience: it is 0; give at least 1." },
        { "learning rate", "learning rate: it is NaN; give a number above 0." },
        { "validation", "validation fraction: it is 1; give a number between 0 and 1." },
        { "hidden", "network: '2-5-0-1 tanh' has a width below 1; give widths of at least 1." },
        { "activation", $"activation: 'soft' is not known; use one of {string.Join(", ", Enum.GetNames<Activation>().Select(name => name.ToLowerInvariant()))}." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task TrainAsync_BadRowsOrOption_RefusedAndNothingKept(string what, string message)
    {
        AdaptClient client = shared.NewTenant();
        LabelledRows rows = Rows();
        TrainingOptions options = Short;
        switch (what)
        {
            case "constant": Array.Fill(rows.Targets.Values, 7); break;
            case "one row": rows = rows.Slice(0, 1); break;
            case "no rows": rows = rows.Slice(0, 0); break;
            case "NaN": rows.Targets.Values[2] = double.NaN; break;
            case "width": rows = new Problem(inputs: 3).Rows(60); break;
            case "targets": rows = new Problem(outputs: 2).Rows(60); break;
            case "epochs": options = new() { Epochs = 0 }; break;
            case "batch size": options = new() { BatchSize = -1 }; break;
            case "patience": options = new() { Patience = 0 }; break;
            case "learning rate": options = new() { LearningRate = double.NaN }; break;
            case "validation": options = new() { ValidationFraction = 1 }; break;
            case "hidden": options = new() { Hidden = [5, 0] }; break;
            default: options = new() { Activation = "soft" }; break;
        }

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => client.Source("s").TrainAsync(rows, Schema, Targets, options));

        Assert.Equal(message, error.Message);
        Assert.Empty(await client.ListSourcesAsync());
        Assert.Empty(StagedUploads());
    }

    [Fact]
    public async Task TrainAsync_LearningRateFarTooLarge_FailsWithTheRemedyAndNothingIsKept()
    {
        AdaptClient client = shared.NewTenant();
        var wild = new TrainingOptions { Hidden = [5], Activation = "relu", Epochs = 200, LearningRate = 1e30 };

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(
            () => client.Source("s").TrainAsync(Rows(), Schema, Targets, wild));

        Assert.Contains("learning rate", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await client.ListSourcesAsync());
        Assert.Empty(StagedUploads());
    }

    [Fact]
    public async Task TrainAsync_WhileAnotherRunsUnderTheName_Refused()
    {
        SourceHandle source = shared.NewTenant().Source("s");
        using var cancel = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var endless = new TrainingOptions { Hidden = [5], Epochs = 1_000_000, Patience = 1_000_000 };
        Task running = source.TrainAsync(Rows(), Schema, Targets, endless, new Updates<TrainingUpdate>(_ => begun.TrySetResult()), cancel.Token);
        await begun.Task;

        InvalidInputException training = await Assert.ThrowsAsync<InvalidInputException>(
            () => source.TrainAsync(Rows(), Schema, Targets, Short));
        InvalidInputException registering = await Assert.ThrowsAsync<InvalidInputException>(
            () => source.RegisterAsync(new Problem().Registration));

        Assert.Equal("source 's': a training is under way; wait until it ends.", training.Message);
        Assert.Equal(training.Message, registering.Message);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task StageAsync_PartOverTheLimit_Refused()
    {
        var part = new TensorPayload(TensorElementType.Float64, [1, (IStagingGrain.MaxBytes / 8) + 1], new byte[IStagingGrain.MaxBytes + 8]);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => shared.Silo.Grains.GetGrain<IStagingGrain>(0).StageAsync(Guid.NewGuid(), part));

        Assert.Equal("part: it has 4194312 bytes; send parts of at most 4194304.", error.Message);
    }

    private static LabelledRows Rows() => new Problem().Rows(60);

    private string[] StagedUploads()
    {
        string staging = Path.Combine(shared.Folder, "tensors", "staging");
        return Directory.Exists(staging) ? Directory.GetDirectories(staging) : [];
    }
}
