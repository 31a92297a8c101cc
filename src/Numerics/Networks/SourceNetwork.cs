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
    private const int EvaluationChunk = 8192;
    private readonly torch.Tensor[] _augmented; // per layer: [d_out, d_in + 1], the bias is the last column
    private readonly torch.Tensor[] _transposed; // per layer: a view, [d_in + 1, d_out]
    private readonly torch.Tensor[] _weights; // per layer: a view, [d_out, d_in]

    /// <summary>Copies the weights to <paramref name="device"/> as <paramref name="dtype"/>.</summary>
    /// <param name="model">The stored model.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="dtype">Float64 (the default: posteriors are exact to 1e-8) or Float32 (half the memory, about twice the speed, 1e-4).</param>
    /// <exception cref="ArgumentException">The dtype is neither.</exception>
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
        int layers = model.Spec.Layers.Length;
        _augmented = new torch.Tensor[layers];
        _transposed = new torch.Tensor[layers];
        _weights = new torch.Tensor[layers];
        using DisposeScope scope = torch.NewDisposeScope();
        for (int l = 0; l < layers; l++)
        {
            int inputs = model.Spec.InputsOf(l);
            int outputs = model.Spec.Layers[l].Outputs;
            double[] values = Augment(model.Weights, l, inputs, outputs);
            _augmented[l] = TensorInterop.Own(TensorInterop.FromDoubles(values, [outputs, inputs + 1], dtype, device));
            _transposed[l] = TensorInterop.Own(_augmented[l].t());
            _weights[l] = TensorInterop.Own(_augmented[l].narrow(1, 0, inputs));
        }
    }

    /// <summary>The stored model.</summary>
    public SourceModel Model { get; }

    /// <summary>Where it computes.</summary>
    public torch.Device Device { get; }

    /// <summary>What it computes in: Float64 or Float32.</summary>
    public torch.ScalarType DType { get; }

    /// <summary>The device memory of the weights, in bytes.</summary>
    public long Bytes => (long)Model.Spec.ParameterCount * (DType == torch.ScalarType.Float64 ? 8 : 4);

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
        for (int start = 0; start < inputs.Rows; start += EvaluationChunk)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            int count = Math.Min(EvaluationChunk, inputs.Rows - start);
            torch.Tensor x = Upload(inputs.Slice(start, count));
            for (int l = 0; l < _transposed.Length; l++)
            {
                torch.Tensor a = ActivationFunction.Value(Model.Spec.Layers[l].Activation, torch.mm(x, _transposed[l]));
                x = l + 1 < _transposed.Length ? WithOnes(a) : a;
            }

            TensorInterop.CopyTo(x, output.AsSpan(start * c, count * c));
        }

        ThrowIfNotFinite(output, c);
        return Model.OutputStandardisation.Invert(new RowMatrix(inputs.Rows, c, output));
    }

    /// <summary>
    /// The factors of the Jacobian of the standardised outputs with respect to all parameters: one forward pass and one closed-form
    /// reverse pass that carries all c outputs. Costs about 2 m (1 + c) p flops; keeps m sum(d_in + 1 + c d_out) numbers.
    /// </summary>
    /// <param name="inputs">[m, d], in the data's units, finite, at least one row.</param>
    /// <returns>The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The width is not the network's, there are no rows, or a value is not finite.</exception>
    /// <exception cref="NonFiniteOutputException">The network overflowed.</exception>
    public JacobianFactors Linearise(RowMatrix inputs)
    {
        CheckInputs(inputs);
        if (inputs.Rows == 0)
        {
            throw new ArgumentException("There are no rows to linearise at.", nameof(inputs));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        int layers = _transposed.Length;
        var sites = new DenseSite[layers];
        var reads = new torch.Tensor[layers];
        var derivatives = new torch.Tensor?[layers];
        torch.Tensor output = Upload(inputs);
        for (int l = 0; l < layers; l++)
        {
            reads[l] = l == 0 ? output : WithOnes(output);
            torch.Tensor z = torch.mm(reads[l], _transposed[l]);
            Activation activation = Model.Spec.Layers[l].Activation;
            output = ActivationFunction.Value(activation, z);
            derivatives[l] = ActivationFunction.Derivative(activation, z, output);
        }

        ThrowIfNotFinite(TensorInterop.ToDoubles(output), Model.Spec.Outputs);
        torch.Tensor cotangents = OutputCotangents(inputs.Rows, derivatives[^1]);
        for (int l = layers - 1; l >= 0; l--)
        {
            sites[l] = new DenseSite(l, reads[l], cotangents, Model.Spec);
            if (l > 0)
            {
                cotangents = Pull(cotangents, _weights[l], derivatives[l - 1]);
            }
        }

        return new JacobianFactors(Model.Spec, output, sites);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int l = 0; l < _augmented.Length; l++)
        {
            _transposed[l].Dispose();
            _weights[l].Dispose();
            _augmented[l].Dispose();
        }
    }

    /// <summary>Throws unless the matrix has the network's input width and only finite values.</summary>
    internal void CheckInputs(RowMatrix inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Columns != Model.Spec.Inputs)
        {
            throw new ArgumentException($"The network reads {Model.Spec.Inputs} columns, but the inputs have {inputs.Columns}.", nameof(inputs));
        }

        TaskData.ThrowIfNotFinite(inputs, nameof(inputs));
    }

    private static double[] Augment(NetworkWeights weights, int layer, int inputs, int outputs)
    {
        ReadOnlySpan<float> weight = weights.Block(2 * layer);
        ReadOnlySpan<float> bias = weights.Block((2 * layer) + 1);
        var values = new double[outputs * (inputs + 1)];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                values[(o * (inputs + 1)) + i] = weight[(o * inputs) + i];
            }

            values[(o * (inputs + 1)) + inputs] = bias[o];
        }

        return values;
    }

    private static torch.Tensor WithOnes(torch.Tensor a) => torch.nn.functional.pad(a, (0L, 1L), PaddingModes.Constant, 1);

    // [n c, d_out] times [d_out, d_in], times the derivative of what was read, [n, d_in].
    private static torch.Tensor Pull(torch.Tensor cotangents, torch.Tensor weight, torch.Tensor? derivative)
    {
        torch.Tensor pulled = torch.mm(cotangents, weight);
        if (derivative is null)
        {
            return pulled;
        }

        long n = derivative.shape[0];
        if (pulled.shape[0] == n)
        {
            return pulled.mul_(derivative);
        }

        pulled.view(n, -1, pulled.shape[1]).mul_(derivative.unsqueeze(1));
        return pulled;
    }

    private static void ThrowIfNotFinite(double[] output, int columns)
    {
        int bad = Array.FindIndex(output, v => !double.IsFinite(v));
        if (bad >= 0)
        {
            throw new NonFiniteOutputException(bad / columns);
        }
    }

    private torch.Tensor Upload(RowMatrix inputs) =>
        TensorInterop.FromDoubles(Model.InputStandardisation.ApplyWithOnes(inputs), [inputs.Rows, inputs.Columns + 1], DType, Device);

    // d output_o / d z_o' of the last layer: diagonal in o. [n c, c].
    private torch.Tensor OutputCotangents(int n, torch.Tensor? derivative)
    {
        int c = Model.Spec.Outputs;
        if (derivative is not null)
        {
            return derivative.diag_embed().view((long)n * c, c);
        }

        return c == 1
            ? torch.ones(n, 1, dtype: DType, device: Device)
            : torch.eye(c, dtype: DType, device: Device).repeat(n, 1);
    }
}
