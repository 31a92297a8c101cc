using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>
/// A TorchScript program with its parameters as tensors that can be differentiated. Whoever loads one trusts its file: it is a program.
/// Owns the module. One thread at a time.
/// </summary>
internal sealed class ScriptedProgram : IDisposable
{
    private readonly torch.jit.ScriptModule<torch.Tensor, torch.Tensor> _module;
    private readonly long[] _inputShape;
    private readonly int _outputs;

    /// <exception cref="InvalidNetworkException">The program cannot be loaded, or its parameters are not those of the network.</exception>
    internal ScriptedProgram(NetworkWeights weights, torch.Device device, torch.ScalarType dtype)
    {
        var node = (ScriptNode)weights.Spec.Nodes.Single();
        _inputShape = [-1, .. weights.Spec.Inputs[0].Shape.Select(l => (long)l)];
        _outputs = node.Outputs;

        // The network outlives its caller's scope, and the parameters this one. TorchSharp leaves some wrappers of modules inside to the garbage collector.
        using DisposeScope scope = torch.NewDisposeScope();
        _module = Load(weights.Program!, device);

        // Loaded on the device, so that only the type is left: to(device, dtype) would put other tensors in the parameters' places.
        _module.to(dtype);
        _module.eval();
        var named = _module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        try
        {
            Parameters = [.. weights.Spec.Blocks.Select((block, b) => Set(named, block, weights.Block(b), adapted: true).DetachFromDisposeScope())];
            foreach (ParameterBlock block in weights.Spec.Fixed)
            {
                Set(named, block, weights.FixedValues.AsSpan(block.Offset, block.Count), adapted: false);
            }
        }
        catch (InvalidNetworkException)
        {
            _module.Dispose();
            throw;
        }
    }

    /// <summary>The parameters that are adapted, in block order. Owned.</summary>
    internal torch.Tensor[] Parameters { get; }

    /// <summary>Loads a program and looks at it: its parameters with their values.</summary>
    /// <exception cref="InvalidNetworkException">It cannot be loaded, is in training mode, or has no parameters in floating point.</exception>
    internal static IReadOnlyList<(ScriptParameter Parameter, float[] Values)> Inspect(byte[] program)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.jit.ScriptModule<torch.Tensor, torch.Tensor> module = Load(program, torch.CPU);
        if (module.training)
        {
            throw new InvalidNetworkException(null, "the program is in training mode; call eval() before it is scripted and saved");
        }

        var parameters = new List<(ScriptParameter, float[])>();
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
        {
            if (!torch.is_floating_point(parameter))
            {
                throw new InvalidNetworkException(name, "it is a parameter of whole numbers, which cannot be adapted");
            }

            parameters.Add((new ScriptParameter(name, [.. parameter.shape.Select(l => (int)l)]), TensorInterop.ToFloats(parameter)));
        }

        return parameters.Count > 0 ? parameters : throw new InvalidNetworkException(null, "the program has no parameters");
    }

    /// <summary>The outputs, [n, c].</summary>
    /// <exception cref="InvalidNetworkException">The program fails, or gives another shape.</exception>
    internal torch.Tensor Forward(torch.Tensor x)
    {
        torch.Tensor output;
        try
        {
            output = _module.call(x.view(_inputShape));
        }
        catch (System.Runtime.InteropServices.ExternalException error)
        {
            throw new InvalidNetworkException(null, $"the program failed on {x.shape[0]} rows of {x.shape[1]} numbers: {Reason(error)}");
        }
        catch (InvalidCastException)
        {
            throw new InvalidNetworkException(null, "the program does not give one tensor");
        }

        if (output.dim() == 1 && output.shape[0] == x.shape[0] && _outputs == 1)
        {
            output = output.unsqueeze(1);
        }

        bool fits = output.dim() == 2 && output.shape[0] == x.shape[0] && output.shape[1] == _outputs && output.dtype == x.dtype;
        return fits
            ? output
            : throw new InvalidNetworkException(
                null, $"the program gives {output.dtype} of shape [{string.Join(", ", output.shape)}] for {x.shape[0]} rows in {x.dtype}, not [{x.shape[0]}, {_outputs}]");
    }

    /// <summary>How many outputs the program gives for a row.</summary>
    /// <exception cref="InvalidNetworkException">The program fails, or does not give one row per row.</exception>
    internal int CountOutputs()
    {
        const int Rows = 2;
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable gradients = torch.no_grad();
        try
        {
            torch.Tensor output = _module.call(torch.zeros([Rows, .. _inputShape.AsSpan(1)], dtype: torch.ScalarType.Float64));
            bool fits = output.dim() is 1 or 2 && output.shape[0] == Rows && (output.dim() == 1 || output.shape[1] is > 0 and <= int.MaxValue);
            return fits
                ? (int)(output.dim() == 1 ? 1 : output.shape[1])
                : throw new InvalidNetworkException(
                    null, $"the program gives the shape [{string.Join(", ", output.shape)}] for {Rows} rows, not [{Rows}, outputs]");
        }
        catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or InvalidCastException or InvalidOperationException or NotImplementedException)
        {
            throw new InvalidNetworkException(
                null, $"the program failed on {Rows} rows of the shape [{string.Join(", ", _inputShape[1..])}]: {Reason(error)}");
        }
    }

    public void Dispose()
    {
        foreach (torch.Tensor parameter in Parameters)
        {
            parameter.Dispose();
        }

        _module.Dispose();
    }

    private static torch.jit.ScriptModule<torch.Tensor, torch.Tensor> Load(byte[] program, torch.Device device)
    {
        try
        {
            return torch.jit.load<torch.Tensor, torch.Tensor>(program, device);
        }
        catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or InvalidOperationException)
        {
            throw new InvalidNetworkException(null, $"the program cannot be loaded: {Reason(error)}");
        }
    }

    // The interpreter's messages begin with a trace of the program; what went wrong is what begins with its type.
    private static string Reason(Exception error)
    {
        string[] lines = error.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (lines.FirstOrDefault(line => line.StartsWith("RuntimeError:", StringComparison.Ordinal)) ?? lines.FirstOrDefault() ?? error.GetType().Name).TrimEnd('.');
    }

    private static TorchSharp.Modules.Parameter Set(Dictionary<string, TorchSharp.Modules.Parameter> named, ParameterBlock block, ReadOnlySpan<float> values, bool adapted)
    {
        if (!named.TryGetValue(block.Name, out TorchSharp.Modules.Parameter? parameter) || !parameter.shape.SequenceEqual(block.Shape.Select(l => (long)l)))
        {
            throw new InvalidNetworkException(block.Name, $"the program has no parameter of this name and of the shape {Shapes.Text(block.Shape)}");
        }

        using DisposeScope scope = torch.NewDisposeScope();
        using (torch.no_grad())
        {
            parameter.copy_(torch.tensor(values.ToArray(), parameter.shape, device: parameter.device));
        }

        parameter.requires_grad_(adapted);
        return parameter;
    }
}
