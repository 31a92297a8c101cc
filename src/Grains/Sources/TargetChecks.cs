using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Grains.Sources;

/// <summary>Whether there is anything to learn in the targets.</summary>
internal static class TargetChecks
{
    /// <exception cref="InvalidInputException">A target has the same value in every row.</exception>
    public static void RequireVariation(TaskData data, ImmutableArray<string> names)
    {
        for (int output = 0; output < data.Targets.Columns; output++)
        {
            double first = data.Targets[0, output];
            int row = 1;
            while (row < data.Rows && data.Targets[row, output] == first)
            {
                row++;
            }

            if (row == data.Rows)
            {
                throw new InvalidInputException(
                    $"target '{names[output]}'", $"it is {first} in every row", "choose a target, or rows, in which it varies");
            }
        }
    }
}
