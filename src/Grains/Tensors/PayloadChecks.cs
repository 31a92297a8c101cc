using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Tensors;

/// <summary>What is sent is checked here, before native code sees it.</summary>
internal static class PayloadChecks
{
    /// <summary>The numbers of the inputs of a network: finite, and those that are indices of embeddings within their tables.</summary>
    /// <param name="payload">What was sent.</param>
    /// <param name="width">The network's input width.</param>
    /// <param name="indexBounds">Per column the entries of the table that it is an index of, or 0; empty where there is none.</param>
    /// <param name="rows">The number of rows, where it is known.</param>
    /// <exception cref="InvalidInputException">It is anything else; the message names the row and column.</exception>
    public static double[] RequireInputs(TensorPayload payload, int width, ImmutableArray<int> indexBounds, int? rows = null)
    {
        double[] values = RequireMatrix(payload, "inputs", width, rows);
        for (int i = 0; !indexBounds.IsDefaultOrEmpty && i < values.Length; i++)
        {
            int entries = indexBounds[i % width];
            if (entries > 0 && (values[i] < 0 || values[i] >= entries || values[i] != Math.Floor(values[i])))
            {
                throw new InvalidInputException(
                    "inputs",
                    $"row {i / width} (from 0), column {i % width} is {values[i]}, but is an index of a table with {entries} entries",
                    $"send a whole number from 0 to {entries - 1}");
            }
        }

        return values;
    }

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
