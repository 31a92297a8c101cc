using System.Collections.Immutable;
using System.Text.Json.Serialization;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Numerics.Networks;

/// <summary>
/// The structure of a network: everything but its weights. An acyclic graph of nodes in an order in which each reads only what is before it.
/// Checked when it is made; immutable; equality is by content.
/// </summary>
public sealed class NetworkSpec : IEquatable<NetworkSpec>
{
    private readonly NetworkGraph _graph;
    private readonly Lazy<string> _text;
    private readonly Lazy<ImmutableArray<SitePlan>> _sites;

    /// <summary>Checks and completes a network.</summary>
    /// <param name="inputs">The inputs, at least one; a row of data is all of them one after the other.</param>
    /// <param name="nodes">The nodes, each after what it reads.</param>
    /// <param name="output">The value that is the network's output, [c] for one row.</param>
    /// <param name="frozen">Names of parameters that are never adapted. Default: none.</param>
    /// <exception cref="InvalidNetworkException">A name, an attribute or a shape does not fit.</exception>
    [JsonConstructor]
    public NetworkSpec(ImmutableArray<NetworkInput> inputs, ImmutableArray<NetworkNode> nodes, string output, ImmutableArray<string> frozen = default)
    {
        Inputs = inputs.IsDefault ? [] : inputs;
        Nodes = nodes.IsDefault ? [] : nodes;
        Output = output ?? throw new InvalidNetworkException(null, "it names no output");
        Frozen = frozen.IsDefault ? [] : [.. frozen.Select(name => name ?? string.Empty).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _graph = NetworkGraph.Check(this);
        _sites = new Lazy<ImmutableArray<SitePlan>>(() => SitePlan.Of(this));
        _text = new Lazy<string>(() => NetworkSpecFile.ToJson(this));
    }

    /// <summary>The inputs.</summary>
    public ImmutableArray<NetworkInput> Inputs { get; }

    /// <summary>The nodes, each after what it reads.</summary>
    public ImmutableArray<NetworkNode> Nodes { get; }

    /// <summary>The name of the value that is the output.</summary>
    public string Output { get; }

    /// <summary>Names of parameters that are never adapted, in ordinal order.</summary>
    public ImmutableArray<string> Frozen { get; }

    /// <summary>The numbers in a row of data, d.</summary>
    [JsonIgnore]
    public int InputWidth => _graph.InputWidth;

    /// <summary>The number of outputs, c.</summary>
    [JsonIgnore]
    public int Outputs => _graph.Outputs;

    /// <summary>The number of parameters that can be adapted, p.</summary>
    [JsonIgnore]
    public int ParameterCount => _graph.ParameterCount;

    /// <summary>The parameter tensors that can be adapted, in the order of the flat vector: that of their first use.</summary>
    [JsonIgnore]
    public ImmutableArray<ParameterBlock> Blocks => _graph.Blocks;

    /// <summary>The tensors that are never adapted: frozen parameters, statistics of batch norms, constants.</summary>
    [JsonIgnore]
    public ImmutableArray<ParameterBlock> Fixed => _graph.Fixed;

    /// <summary>About how many floating-point operations a forward pass takes for one row.</summary>
    [JsonIgnore]
    public double FlopsPerRow => _graph.FlopsPerRow;

    /// <summary>What was found when the network was checked.</summary>
    [JsonIgnore]
    internal NetworkGraph Graph => _graph;

    /// <summary>How the Jacobian of its blocks is kept.</summary>
    [JsonIgnore]
    internal ImmutableArray<SitePlan> Sites => _sites.Value;

    /// <summary>A multi-layer perceptron: hidden layers with one activation, then a linear output layer.</summary>
    public static NetworkSpec Mlp(int inputs, ReadOnlySpan<int> hidden, int outputs, Activation activation)
    {
        ImmutableArray<DenseLayerSpec>.Builder layers = ImmutableArray.CreateBuilder<DenseLayerSpec>(hidden.Length + 1);
        foreach (int width in hidden)
        {
            layers.Add(new DenseLayerSpec(width, activation));
        }

        layers.Add(new DenseLayerSpec(outputs, Activation.Identity));
        return Dense(inputs, layers.MoveToImmutable());
    }

    /// <summary>A chain of dense layers.</summary>
    /// <param name="inputs">The width of the input, at least 1.</param>
    /// <param name="layers">The layers in order, at least one; the last one's width is the number of outputs.</param>
    /// <exception cref="InvalidNetworkException">A width is below 1, or there is no layer.</exception>
    public static NetworkSpec Dense(int inputs, ImmutableArray<DenseLayerSpec> layers)
    {
        if (layers.IsDefaultOrEmpty)
        {
            throw new InvalidNetworkException(null, "it needs at least one layer");
        }

        ImmutableArray<NetworkNode>.Builder nodes = ImmutableArray.CreateBuilder<NetworkNode>();
        string value = "x";
        for (int l = 0; l < layers.Length; l++)
        {
            nodes.Add(new LinearNode { Name = $"layers.{l}", Inputs = [value], Outputs = layers[l].Outputs });
            value = nodes[^1].Name;
            if (layers[l].Activation != Activation.Identity)
            {
                nodes.Add(new ActivationNode { Name = $"layers.{l}.activation", Inputs = [value], Function = layers[l].Activation });
                value = nodes[^1].Name;
            }
        }

        return new NetworkSpec([new NetworkInput("x", [inputs])], nodes.DrainToImmutable(), value);
    }

    /// <summary>The same network in which only the parameters are adapted that <paramref name="selection"/> names.</summary>
    /// <exception cref="InvalidNetworkException">It names none.</exception>
    public NetworkSpec Adapting(ParameterSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        return new NetworkSpec(Inputs, Nodes, Output, [.. Frozen, .. selection.FrozenOf(this)]);
    }

    /// <inheritdoc/>
    public bool Equals(NetworkSpec? other) => ReferenceEquals(this, other) || (other is not null && _text.Value == other._text.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NetworkSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ParameterCount, InputWidth, Outputs, Nodes.Length);
}
