using System.Collections.Immutable;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Numerics.Choices;

/// <summary>
/// Methods for one source network, with what they share. Makes and disposes tensors: within a slice, as <see cref="IAdaptationMethod.Adapt"/> is.
/// </summary>
public sealed class AdaptationMethods : IDisposable
{
    private readonly SourceNetwork _source;
    private readonly SourceNetwork _lastLayer;
    private readonly CandidateMixture _mixture;

    /// <summary>Makes methods.</summary>
    /// <param name="model">The source network.</param>
    /// <param name="device">Where they compute, in fp64.</param>
    /// <param name="names">Which, of <see cref="MethodNames.All"/>; kept in that order.</param>
    /// <param name="seed">Seeds what is random in them: samples and splits of rows.</param>
    /// <param name="rank">How many directions this library's own methods learn beside the scales; null for what held-out tasks decide.</param>
    /// <exception cref="ArgumentException">A name is not known, or there is none.</exception>
    public AdaptationMethods(SourceModel model, torch.Device device, IEnumerable<string> names, int seed, int? rank = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(names);
        ImmutableArray<string> wanted = [.. names.Distinct(StringComparer.Ordinal)];
        if (wanted.IsEmpty || wanted.Any(name => !MethodNames.All.Contains(name)))
        {
            throw new ArgumentException($"'{string.Join(',', wanted.Where(name => !MethodNames.All.Contains(name)))}' is no method: use some of {string.Join(", ", MethodNames.All)}.", nameof(names));
        }

        var options = new FleetFitOptions { Seed = seed, LearnsSpread = true, Rank = rank };
        _source = new SourceNetwork(model, device);
        var last = new SourceModel(model.Weights.Adapting(ParameterSelection.LastLayer), model.InputStandardisation, model.OutputStandardisation);
        _lastLayer = new SourceNetwork(last, device);
        _mixture = new CandidateMixture(_source, _lastLayer, seed, rank);
        Methods = [.. MethodNames.All.Where(name => wanted.Contains(name)).Select(name => Create(name, options, seed))];
    }

    /// <summary>The methods. Owned by this object.</summary>
    public ImmutableArray<IAdaptationMethod> Methods { get; }

    /// <summary>How often each candidate of a choice is the right one, as learned from the fleet; by <see cref="CandidateNames"/>.</summary>
    public IReadOnlyDictionary<string, double> CandidateWeights =>
        _mixture.Names.Zip(_mixture.Weights).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);

    /// <summary>Lets every method learn from the fleet. From outside of a slice.</summary>
    /// <param name="tasks">The training tasks, at least one.</param>
    /// <param name="slices">Where it computes.</param>
    /// <param name="progress">Told of each method before it learns.</param>
    public void Learn(IReadOnlyList<TaskData> tasks, IComputeSlices slices, Action<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(slices);
        foreach (IAdaptationMethod method in Methods)
        {
            progress?.Invoke(method.Name);
            method.Learn(tasks, slices);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IAdaptationMethod method in Methods)
        {
            method.Dispose();
        }

        _mixture.Dispose();
        _lastLayer.Dispose();
        _source.Dispose();
    }

    private IAdaptationMethod Create(string name, FleetFitOptions options, int seed) => name switch
    {
        MethodNames.None => new NoAdaptation(_source),
        MethodNames.MeanShift => new MeanShiftMethod(_source),
        MethodNames.LastLayer => new LastLayerRidge(_source, _lastLayer),
        MethodNames.FineTune => new FineTuning(_source, seed),
        MethodNames.Rbf => new RbfProcess(_source, seed),
        MethodNames.Ablr => new PerTaskKernel(name, _lastLayer),
        MethodNames.Ntk => new PerTaskKernel(name, _source),
        MethodNames.Adapted => new FleetAdaptation(_source, options),
        MethodNames.Chosen => new ChoiceMethod(_mixture, combines: false),
        _ => new ChoiceMethod(_mixture, combines: true),
    };
}
