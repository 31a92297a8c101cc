using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>What predictions need after an iterative solve, as a safetensors file.</summary>
internal static class SolvedPosteriorFile
{
    private const string Format = "adapt.posterior.v1";
    private const string Mean = "mean";
    private const string Inputs = "inputs";
    private const string Directions = "directions";
    private const string Factor = "factor";
    private const string Numbers = "numbers"; // variance scale, log evidence, effective dimension

    /// <summary>The file's bytes: one copy of the numbers.</summary>
    /// <exception cref="AdaptationFailedException">They are too many for a file.</exception>
    public static byte[] ToBytes(SolvedPosterior posterior)
    {
        long numbers = posterior.MeanParameters.LongLength + posterior.Factor.Values.LongLength
            + (posterior.Inputs?.Values.LongLength ?? 0) + (posterior.Directions?.Values.LongLength ?? 0);
        if ((numbers + 1_024) * sizeof(double) > Array.MaxLength)
        {
            throw new AdaptationFailedException(
                $"the posterior has {numbers * sizeof(double) / 1e9:0.0} GB, more than the 2 GB of a file; use fewer columns in the preconditioner, or parameter space.");
        }

        var tensors = new List<NamedTensor>
        {
            Tensor(Mean, posterior.MeanParameters, posterior.MeanParameters.Length),
            Tensor(Factor, posterior.Factor.Values, posterior.Factor.Rows, posterior.Factor.Columns),
            Tensor(Numbers, [posterior.VarianceScale, posterior.LogEvidence, posterior.EffectiveDimension], 3),
        };
        if (posterior.Inputs is { } inputs)
        {
            tensors.Add(Tensor(Inputs, inputs.Values, inputs.Rows, inputs.Columns));
        }

        if (posterior.Directions is { } directions)
        {
            tensors.Add(Tensor(Directions, directions.Values, directions.Rows, directions.Columns));
        }

        return new SafetensorsFile(tensors, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["form"] = ((int)posterior.Form).ToString(CultureInfo.InvariantCulture),
        }).ToBytes();
    }

    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static SolvedPosterior Parse(byte[] bytes)
    {
        SafetensorsFile file = TensorFiles.Parse(bytes);
        if (file.Metadata.GetValueOrDefault("format") != Format
            || !int.TryParse(file.Metadata.GetValueOrDefault("form"), CultureInfo.InvariantCulture, out int form)
            || !Enum.IsDefined((SolvedForm)form))
        {
            throw new InvalidDataException($"its format is '{file.Metadata.GetValueOrDefault("format")}', not '{Format}'");
        }

        double[] numbers = TensorFiles.Doubles(file, Numbers);
        if (numbers.Length != 3)
        {
            throw new InvalidDataException($"'{Numbers}' has {numbers.Length} elements, not 3");
        }

        return new SolvedPosterior
        {
            Form = (SolvedForm)form,
            MeanParameters = TensorFiles.Doubles(file, Mean),
            Inputs = Matrix(file, Inputs),
            Directions = Matrix(file, Directions),
            Factor = Matrix(file, Factor) ?? throw new InvalidDataException($"it has no tensor '{Factor}'"),
            VarianceScale = numbers[0],
            LogEvidence = numbers[1],
            EffectiveDimension = numbers[2],
        };
    }

    private static RowMatrix? Matrix(SafetensorsFile file, string name)
    {
        NamedTensor? tensor = file.Tensors.FirstOrDefault(tensor => tensor.Name == name);
        return tensor is null ? null
            : tensor.Shape.Length == 2 ? new RowMatrix(tensor.Shape[0], tensor.Shape[1], TensorFiles.Doubles(file, name))
            : throw new InvalidDataException($"'{name}' is no matrix");
    }

    private static NamedTensor Tensor(string name, double[] values, params int[] shape) =>
        new(name, ElementType.Float64, [.. shape], new View(values).Memory);

    // The bytes of an array of numbers, without a copy.
    private sealed class View(double[] values) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(values.AsSpan());

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("The view is only read from managed code.");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
