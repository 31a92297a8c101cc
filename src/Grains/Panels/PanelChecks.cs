using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;

namespace AdaptCluster.Grains.Panels;

/// <summary>What is sent to a panel is checked here, before anything is stored.</summary>
internal static class PanelChecks
{
    private const int MaxIdLength = 200;

    /// <summary>The most numbers of a panel's inputs: 256 MB.</summary>
    private const long MaxInputNumbers = 1L << 25;

    /// <exception cref="InvalidInputException">There are too many, or none.</exception>
    public static void RequireSize(string panel, int rows, int width, int outputs)
    {
        int most = (int)Math.Min(IPanelGrain.MaxObservations / outputs, MaxInputNumbers / width);
        if (rows < 1 || rows > most)
        {
            throw new InvalidInputException(
                $"panel '{panel}'",
                $"it has {rows:N0} rows of {width:N0} inputs and {outputs:N0} output{(outputs == 1 ? string.Empty : "s")}",
                $"give from 1 to {most:N0} rows, or adapt larger tasks one by one");
        }
    }

    /// <summary>Checks a batch.</summary>
    /// <param name="batch">What was sent.</param>
    /// <param name="state">The panel.</param>
    /// <param name="outputs">c.</param>
    /// <returns>How many rows each target observed.</returns>
    /// <exception cref="InvalidInputException">It cannot be used.</exception>
    public static int[] Require(PanelBatch batch, PanelState state, int outputs)
    {
        if (string.IsNullOrEmpty(batch.Id) || batch.Id.Length > MaxIdLength)
        {
            throw new InvalidInputException("batch id", $"it has {batch.Id?.Length ?? 0} characters", $"give 1 to {MaxIdLength}");
        }

        long bytes = batch.Values.Data.Length + (long)batch.Observed.Data.Length;
        if (bytes > PanelBatch.MaxBytes)
        {
            throw new InvalidInputException("batch", $"it has {bytes:N0} bytes", $"send at most {PanelBatch.MaxBytes:N0}, with fewer targets in it");
        }

        RequireNames(batch, state);
        int count = batch.Targets.Length;
        PayloadChecks.RequireMatrix(batch.Values, "values", count * outputs, state.Inputs);
        RequireFactors(batch.NoiseScales, "noise scales", batch);
        RequireFactors(batch.PriorScales, "prior scales", batch);
        return Observed(batch, state.Inputs);
    }

    private static void RequireNames(PanelBatch batch, PanelState state)
    {
        if (batch.Targets.IsDefaultOrEmpty)
        {
            throw new InvalidInputException("targets", "the batch has none", "name at least one");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in batch.Targets)
        {
            if (!names.Add(EntityName.Require(name, "target")))
            {
                throw new InvalidInputException($"target '{name}'", "it is in the batch twice", "send it once");
            }
        }

        int all = state.Targets.Length + names.Count(name => state.Find(name) is null);
        if (all > IPanelGrain.MaxTargets)
        {
            throw new InvalidInputException("targets", $"with these the panel would have {all:N0}", $"keep it to {IPanelGrain.MaxTargets:N0}, and give the others a panel of their own");
        }
    }

    private static int[] Observed(PanelBatch batch, int rows)
    {
        int count = batch.Targets.Length;
        ReadOnlySpan<int> shape = batch.Observed.Shape;
        if (batch.Observed.ElementType != TensorElementType.UInt8 || shape.Length != 2 || shape[0] != rows || shape[1] != count)
        {
            throw new InvalidInputException(
                "observed", $"they are {batch.Observed.ElementType} of shape [{string.Join(", ", shape.ToArray())}]", $"send UInt8 of shape [{rows}, {count}]");
        }

        var observed = new int[count];
        ReadOnlySpan<byte> marks = batch.Observed.Data.Span;
        for (int i = 0; i < marks.Length; i++)
        {
            if (marks[i] > 1)
            {
                throw new InvalidInputException("observed", $"row {i / count} (from 0), target '{batch.Targets[i % count]}' is {marks[i]}", "send 0 or 1");
            }

            observed[i % count] += marks[i];
        }

        int small = Array.FindIndex(observed, n => n < IPanelGrain.MinObserved);
        return small < 0
            ? observed
            : throw new InvalidInputException(
                $"target '{batch.Targets[small]}'", $"it observed {observed[small]} of {rows} rows", $"observe at least {IPanelGrain.MinObserved}, or leave it out");
    }

    private static void RequireFactors(TensorPayload? factors, string what, PanelBatch batch)
    {
        if (factors is null)
        {
            return;
        }

        if (factors.Shape.Length != 1 || factors.Shape[0] != batch.Targets.Length)
        {
            throw new InvalidInputException(what, $"their shape is [{string.Join(", ", factors.Shape.ToArray())}]", $"send [{batch.Targets.Length}], one for each target");
        }

        double[] values = factors.ToDoubles();
        int bad = Array.FindIndex(values, value => !double.IsFinite(value) || value <= 0);
        if (bad >= 0)
        {
            throw new InvalidInputException(what, $"that of target '{batch.Targets[bad]}' is {values[bad]}", "send finite numbers above 0");
        }
    }
}
