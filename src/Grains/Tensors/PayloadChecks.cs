using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Tensors;

/// <summary>What is sent is checked here, before native code sees it.</summary>
internal static class PayloadChecks
{
    /// <summary>The numbers of a matrix of finite 64-bit numbers with a known width and, if given, number of rows.</summary>
    /// <exception cref="InvalidInputException">It is anything else; the message names the row and column.</exception>
    public static double[] RequireMatrix(TensorPayload payload, string what, int width, int? rows = null)
    {
        ReadOnlySpan<int> shape = payload.Shape;
        if (shape.Length != 2 || shape[1] != width || shape[0] == 0 || (rows is not null && shape[0] != rows))
        {
            throw new InvalidInputException(
                what,
                $"their shape is [{string.Join(", ", shape.ToArray())}]",
                $"send [{(rows is null ? "rows" : rows.Value)}, {width}] with at least one row");
        }

        double[] values = payload.ToDoubles();
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new InvalidInputException(
                    what, $"row {i / width} (from 0), column {i % width} is {values[i]}", "send finite numbers");
            }
        }

        return values;
    }
}
