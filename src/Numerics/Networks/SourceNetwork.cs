using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>
/// A source model on a device. Owns its tensors; dispose it when no posterior that borrows it is left.
/// Call it from one thread at a time.
/// </summary>
public sealed class SourceNetwork : IDisposable
{
    private const long EvaluationBudget = 1L << 25; // numbers of all values of a chunk of rows
    private readonly Dictionary<string, torch.Tensor> _tensors;
    private readonly NetworkExecutor _executor;
    private readonly Linearisation _linearisation;
    private readonly ScriptedProgram? _program;

    /// <summary>Copies the weights to <paramref name="device"/> as <paramref name="dtype"/>.</summary>
    /// <param name="model">The stored model.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="dtype">Float64 (the default: posteriors are exact to 1e-8) or Float32 (half the memory, about twice the speed, 1e-4).</param>
    /// <exception cref="ArgumentException">The dtype is neither.</exception>
    /// <exception cref="InvalidNetworkException">The network is a program that cannot be loaded.</exception>
    public SourceNetwork(SourceModel model, torch.Device device, torch.ScalarType dtype = torch.ScalarType.Float64)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(device);
        if (dtype is not (torch.ScalarType.Float64 or torch.ScalarType.Float32))
        {
            throw new ArgumentException($"A source network computes in Float64 or Float32, not {dtype}.", nameof(dtype));
        }

        Model = model;
        Device = device;
        DType = dtype;
        _executor = new NetworkExecutor(model.Spec);
        _linearisation = new Linearisation(model.Spec);
        _program = model.Weights.Program is null ? null : new ScriptedProgram(model.Weights, device, dtype);
        _tensors = _program is null ? NetworkTensors.Upload(model.Weights, device, dtype) : [];
    }

    /// <summary>The stored model.</summary>
    public SourceModel Model { get; }

    /// <summary>Where it computes.</summary>
    public torch.Device Device { get; }

    /// <summary>What it computes in: Float64 or Float32.</summary>
    public torch.ScalarType DType { get; }

    /// <summary>The device memory of the weights, in bytes.</summary>
    public long Bytes => (Model.Weights.Values.LongLength + Model.Weights.FixedValues.LongLength) * (DType == torch.ScalarType.Float64 ? 8 : 4);

    /// <summary>The network's output for each row, in the data's own units. Computed in chunks of rows.</summary>
    /// <param name="inputs">[m, d], in the data's units, finite.</param>
    /// <returns>[m, c], in the data's units.</returns>
    /// <exception cref="ArgumentException">The width is not the network's, or a value is not finite.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflowed.</exception>
    public RowMatrix Evaluate(RowMatrix inputs)
    {
        CheckInputs(inputs);
        int c = Model.Spec.Outputs;
        var output = new double[inputs.Rows * c];
        int chunk = (int)Math.Clamp(EvaluationBudget / Model.Spec.Graph.NumbersPerRow, 1, 8192);
        for (int start = 0; start < inputs.Rows; start += chunk)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using IDisposable gradients = torch.no_grad();
            int count = Math.Min(chunk, inputs.Rows - start);
            torch.Tensor x = Upload(inputs, start, count);
            TensorInterop.CopyTo(_program?.Forward(x) ?? _executor.Forward(_tensors, x, firstRow: start), output.AsSpan(start * c, count * c));
        }

        ThrowIfNotFinite(output, c);
        return Model.OutputStandardisation.Invert(new RowMatrix(inputs.Rows, c, output));
    }

    /// <summary>
    /// The factors of the Jacobian of the standardised outputs with respect to the adapted parameters: one forward pass and one reverse pass
    /// per output, for all rows together (rows do not mix). A program's are products, and a reverse pass per row and output where these rows are few numbers.
    /// </summary>
    /// <param name="inputs">[m, d], in the data's units, finite, at least one row.</param>
    /// <returns>The caller disposes it; it borrows this network.</returns>
    /// <exception cref="ArgumentException">The width is not the network's, there are no rows, or a value is not finite.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflowed.</exception>
    public JacobianFactors Linearise(RowMatrix inputs)
    {
        CheckInputs(inputs);
        if (inputs.Rows == 0)
        {
            throw new ArgumentException("There are no rows to linearise at.", nameof(inputs));
        }

        return Linearise(inputs, 0, inputs.Rows);
    }

    /// <summary>The same of some rows of inputs that were checked, without a copy of them.</summary>
    internal JacobianFactors Linearise(RowMatrix inputs, int first, int rows)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor output, JacobianSite[] sites) = _program is null
            ? _linearisation.Run(_tensors, rows, (start, count) => Upload(inputs, first + start, count))
            : Products(_program, Upload(inputs, first, rows));
        var factors = new JacobianFactors(Model.Spec, output, sites);
        try
        {
            ThrowIfNotFinite(TensorInterop.ToDoubles(output), Model.Spec.Outputs, first);
        }
        catch (NonFiniteOutputException)
        {
            factors.Dispose();
            throw;
        }

        return factors;
    }

    /// <summary>
    /// The same of many tasks' rows, of a network that is no program, without asking whether the outputs are finite: rows do not mix, so whoever looks at each
    /// task's own can leave one task out.
    /// </summary>
    internal JacobianFactors LineariseRuns(RowMatrix inputs)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor output, JacobianSite[] sites) = _linearisation.Run(_tensors, inputs.Rows, (start, count) => Upload(inputs, start, count));
        return new JacobianFactors(Model.Spec, output, sites);
    }

    /// <summary>The network with its parameters moved, in fp64; the caller disposes it. Not of a program, whose weights are its own.</summary>
    /// <param name="change">[p], fp64.</param>
    internal SourceNetwork Moved(torch.Tensor change)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable still = torch.no_grad();
        var moved = new SourceNetwork(Model, Device);
        foreach (ParameterBlock block in Model.Spec.Blocks)
        {
            torch.Tensor tensor = moved._tensors[block.Name];
            tensor.add_(change.narrow(0, block.Offset, block.Count).view(tensor.shape), Scalars.One);
        }

        return moved;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _program?.Dispose();
        foreach (torch.Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }

    /// <summary>Throws unless the matrix has the network's input width and only finite values.</summary>
    internal void CheckInputs(RowMatrix inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Columns != Model.Spec.InputWidth)
        {
            throw new ArgumentException($"The network reads {Model.Spec.InputWidth} columns, but the inputs have {inputs.Columns}.", nameof(inputs));
        }

        TaskData.ThrowIfNotFinite(inputs, nameof(inputs));
    }

    private static void ThrowIfNotFinite(double[] output, int columns, int first = 0)
    {
        int bad = Array.FindIndex(output, v => !double.IsFinite(v));
        if (bad >= 0)
        {
            throw new NonFiniteOutputException(first + (bad / columns));
        }
    }

    private (torch.Tensor Output, JacobianSite[] Sites) Products(ScriptedProgram program, torch.Tensor x)
    {
        torch.Tensor output;
        using (torch.no_grad())
        {
            output = program.Forward(x);
        }

        var site = new ProgramSite(Model.Spec.Sites[0], Model.Spec, program, x);
        try
        {
            site.KeepRows();
        }
        catch (NumericsException)
        {
            site.Dispose();
            throw;
        }

        return (output, [site]);
    }

    // Standardised straight into torch's memory: of millions of rows the copies in between would be garbage by the hundred megabytes.
    private torch.Tensor Upload(RowMatrix inputs, int start, int count)
    {
        torch.Tensor result = torch.empty(count, inputs.Columns, dtype: torch.ScalarType.Float64);
        Model.InputStandardisation.Apply(inputs, start, MemoryMarshal.Cast<byte, double>(result.bytes));
        return DType == torch.ScalarType.Float64 && Device.type == DeviceType.CPU ? result : result.to(DType, Device);
    }
}
