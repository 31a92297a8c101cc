using System.Collections.Immutable;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks.Nodes;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>
/// Makes a network of a TorchScript program. It is loaded by libtorch and run once: it can do anything that this process can, so it must
/// come from somebody trusted.
/// </summary>
public static class ScriptProgram
{
    /// <summary>The name of the one node of such a network.</summary>
    public const string NodeName = "program";

    /// <summary>Loads a program, finds its parameters, and finds its outputs by running it on two rows of zeros in 64-bit numbers.</summary>
    /// <param name="program">The archive that torch.jit.save writes.</param>
    /// <param name="inputShape">The shape of one row, without the axis of rows.</param>
    /// <returns>The network with its weights.</returns>
    /// <exception cref="InvalidNetworkException">
    /// It cannot be loaded, is in training mode, has no parameters that could be adapted, or does not give one row of outputs per row.
    /// </exception>
    public static NetworkWeights Read(byte[] program, ImmutableArray<int> inputShape)
    {
        ArgumentNullException.ThrowIfNull(program);
        IReadOnlyList<(ScriptParameter Parameter, float[] Values)> parameters = ScriptedProgram.Inspect(program);
        float[] values = [.. parameters.SelectMany(parameter => parameter.Values)];
        ImmutableArray<ScriptParameter> described = [.. parameters.Select(parameter => parameter.Parameter)];
        NetworkWeights WithOutputs(int outputs)
        {
            var node = new ScriptNode { Name = NodeName, Inputs = ["x"], Outputs = outputs, Parameters = described };
            var spec = new NetworkSpec([new NetworkInput("x", inputShape)], [node], NodeName);
            return new NetworkWeights(spec, values, program: program);
        }

        try
        {
            using var probe = new ScriptedProgram(WithOutputs(1), torch.CPU, torch.ScalarType.Float64);
            return WithOutputs(probe.CountOutputs());
        }
        catch (ArgumentException error)
        {
            throw new InvalidNetworkException(null, error.Message.Split('\n')[0].TrimEnd('.'));
        }
    }
}
