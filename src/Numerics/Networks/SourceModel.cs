using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Networks;

/// <summary>A trained network with its standardisations, in managed memory: what is stored. Immutable.</summary>
public sealed class SourceModel
{
    /// <summary>Puts the parts together.</summary>
    /// <param name="weights">The parameters.</param>
    /// <param name="inputStandardisation">Width d: from the data's units to what the network reads.</param>
    /// <param name="outputStandardisation">Width c: from the data's units to what the network writes.</param>
    /// <exception cref="ArgumentException">A width does not fit the network, or a scale is not positive.</exception>
    public SourceModel(NetworkWeights weights, Standardisation inputStandardisation, Standardisation outputStandardisation)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(inputStandardisation);
        ArgumentNullException.ThrowIfNull(outputStandardisation);
        inputStandardisation.Validate(weights.Spec.InputWidth, "input");
        outputStandardisation.Validate(weights.Spec.Outputs, "output");
        Weights = weights;
        InputStandardisation = inputStandardisation;
        OutputStandardisation = outputStandardisation;
    }

    /// <summary>The shape of the network.</summary>
    public NetworkSpec Spec => Weights.Spec;

    /// <summary>The parameters.</summary>
    public NetworkWeights Weights { get; }

    /// <summary>The standardisation of the inputs, width d.</summary>
    public Standardisation InputStandardisation { get; }

    /// <summary>The standardisation of the targets, width c.</summary>
    public Standardisation OutputStandardisation { get; }
}
