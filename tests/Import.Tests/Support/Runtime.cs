using AdaptCluster.Numerics.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AdaptCluster.Import.Tests.Support;

/// <summary>ONNX Runtime, which knows nothing of this importer.</summary>
internal static class Runtime
{
    /// <summary>The only output of a file for rows of all its inputs, row-major.</summary>
    public static double[] Evaluate(byte[] model, RowMatrix rows)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(model, options);
        var inputs = new List<NamedOnnxValue>();
        int offset = 0;
        foreach ((string name, NodeMetadata data) in session.InputMetadata)
        {
            int[] shape = [rows.Rows, .. data.Dimensions[1..]];
            int width = data.Dimensions[1..].Aggregate(1, (p, l) => p * l);
            double[] values = [.. Enumerable.Range(0, rows.Rows).SelectMany(r => rows.Row(r).Slice(offset, width).ToArray())];
            inputs.Add(data.ElementType == typeof(long)
                ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(Array.ConvertAll(values, v => (long)v), shape))
                : NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(Array.ConvertAll(values, v => (float)v), shape)));
            offset += width;
        }

        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(inputs);
        return [.. outputs.Single().AsEnumerable<float>().Select(v => (double)v)];
    }
}
