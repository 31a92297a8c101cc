using System.Runtime.InteropServices;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Formats.Tensors;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Panels;

namespace AdaptCluster.Grains.Panels;

/// <summary>
/// A block's solutions as safetensors, with the marks and factors of its targets: it needs no batch, so that a batch can go when its
/// targets have newer ones.
/// </summary>
internal static class PanelSolutionFile
{
    /// <summary>Writes it: 8 N (T + r) bytes and some.</summary>
    public static byte[] ToBytes(PanelTargets targets, PanelSolution solution)
    {
        byte[] observed = Array.ConvertAll(targets.Observed, mark => mark ? (byte)1 : (byte)0);
        return new SafetensorsFile(
        [
            Doubles("alphas", solution.Alphas.Values, solution.Alphas.Rows, solution.Alphas.Columns),
            Doubles("factor", solution.Factor.Values, solution.Factor.Rows, solution.Factor.Columns),
            Doubles("largest_residual", [solution.LargestResidual], 1),
            Doubles("log_evidences", [.. solution.LogEvidences], targets.Count),
            Doubles("noise", [.. targets.NoiseScales], targets.Count),
            Doubles("prior", [.. targets.PriorScales], targets.Count),
            new NamedTensor("observed", ElementType.UInt8, [targets.Rows, targets.Count], observed),
        ]).ToBytes();
    }

    /// <summary>Reads it.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="inputs">The panel's inputs, [n, d].</param>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static (PanelTargets Targets, PanelSolution Solution) Parse(byte[] file, RowMatrix inputs)
    {
        SafetensorsFile tensors = TensorFiles.Parse(file);
        RowMatrix alphas = Matrix(tensors, "alphas");
        int count = alphas.Columns;
        byte[] marks = TensorFiles.ToPayload(tensors, "observed").Data.ToArray();
        if (marks.Length != (long)inputs.Rows * count || alphas.Rows % inputs.Rows != 0)
        {
            throw new InvalidDataException($"its {alphas.Rows} rows and {marks.Length} marks do not fit {inputs.Rows} inputs and {count} targets");
        }

        // Predictions need no values: they are in the solution.
        var values = new RowMatrix(inputs.Rows, count * (alphas.Rows / inputs.Rows), new double[alphas.Values.Length]);
        var targets = new PanelTargets(
            values, Array.ConvertAll(marks, mark => mark == 1), [.. TensorFiles.Doubles(tensors, "noise")], [.. TensorFiles.Doubles(tensors, "prior")]);
        return (targets, new PanelSolution
        {
            Inputs = inputs,
            Alphas = alphas,
            Factor = Matrix(tensors, "factor"),
            LargestResidual = TensorFiles.Doubles(tensors, "largest_residual")[0],
            LogEvidences = [.. TensorFiles.Doubles(tensors, "log_evidences")],
        });
    }

    private static NamedTensor Doubles(string name, double[] values, params ReadOnlySpan<int> shape) =>
        new(name, ElementType.Float64, [.. shape], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static RowMatrix Matrix(SafetensorsFile tensors, string name)
    {
        TensorPayload payload = TensorFiles.ToPayload(tensors, name);
        return payload.Shape.Length == 2 && payload.ElementType == TensorElementType.Float64
            ? new RowMatrix(payload.Shape[0], payload.Shape[1], payload.ToDoubles())
            : throw new InvalidDataException($"'{name}' is no matrix of 64-bit numbers");
    }
}
