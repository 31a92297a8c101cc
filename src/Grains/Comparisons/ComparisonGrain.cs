using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Comparisons;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Comparisons;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Comparisons;

/// <inheritdoc cref="IComparisonGrain"/>
internal sealed class ComparisonGrain(SourceModelStore models, StagedRows staged, ComparisonRun run) : Grain, IComparisonGrain
{
    public async IAsyncEnumerable<ComparisonUpdate> RunAsync(
        ComparisonRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using StagedParts parts = staged.Of(request.Data);
        (SourceModel model, ImmutableArray<string> targets, ImmutableArray<int> groups) = await ModelAsync(request, cancellationToken);
        ComparisonOptions options = ComparisonMapping.ToOptions(request, groups);
        TaskData data = await staged.ReadAsync(request.Data, model.Spec, cancellationToken);
        TargetChecks.RequireVariation(data, targets);
        var tasks = new List<TaskData>(request.Data.RowsPerTask.Length);
        int start = 0;
        foreach (int count in request.Data.RowsPerTask)
        {
            tasks.Add(data.Slice(start, count));
            start += count;
        }

        await foreach (ComparisonUpdate update in run.RunAsync(model, tasks, options, cancellationToken))
        {
            yield return update;
        }
    }

    /// <summary>The source's network, or one that is yet to be trained.</summary>
    private async Task<(SourceModel Model, ImmutableArray<string> Targets, ImmutableArray<int> Groups)> ModelAsync(
        ComparisonRequest request, CancellationToken cancellationToken)
    {
        if (request.Training is { } training)
        {
            NetworkSpec spec = RegistrationChecks.RequireNetwork(training.Schema, training.Targets, training.Network);
            TrainingRun.RequireTrainable(spec, training.Network.SpecName ?? "network");
            var blank = new SourceModel(NetworkWeights.Initialise(spec, request.Seed), Standardisation.Identity(spec.InputWidth), Standardisation.Identity(spec.Outputs));
            return (blank, training.Targets, [.. TrainingRun.StandardisedTogether(training.Schema)]);
        }

        string name = request.Source ?? throw new InvalidInputException("comparison", "it names no source and no network to train", "name one of them");
        ComparisonKey key = ComparisonKey.Parse(this.GetPrimaryKeyString());
        SourceDescription source = await GrainFactory.GetGrain<ISourceTaskGrain>(new SourceKey(key.Tenant, name).ToString()).DescribeAsync(cancellationToken);
        return (await models.LoadAsync(source.ModelHash, cancellationToken), source.Targets, []);
    }
}
