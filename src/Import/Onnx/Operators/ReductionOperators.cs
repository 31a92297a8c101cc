using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Means and sums along axes.</summary>
internal static class ReductionOperators
{
    internal static Action<NodeConversion> Of(Reduction function) => call =>
    {
        RowValue x = call.Row(0);
        ImmutableArray<int> axes = call.Axes(1, x.Shape.Rank) ?? [];
        if (axes.IsEmpty && call.Node.Integer("noop_with_empty_axes", 0) != 0)
        {
            call.Set(x);
            return;
        }

        if (x.IsWhole && function == Reduction.Mean)
        {
            throw call.Refuse("it takes the mean of whole numbers, which rounds", "convert them to float first");
        }

        axes = axes.IsEmpty ? [.. Enumerable.Range(0, x.Shape.Rank)] : axes;
        bool keeps = call.Node.Integer("keepdims", 1) != 0;
        ImmutableArray<int> rowAxes = [.. axes.Select(a => call.RowAxis(x.Shape, a, "reduces")).Order()];
        ImmutableArray<Axis> left = keeps
            ? [.. x.Shape.Axes.Select((a, i) => axes.Contains(i) ? Axis.Of(1) : a)]
            : [.. x.Shape.Axes.Where((_, i) => !axes.Contains(i))];
        call.Set(rowAxes.IsEmpty
            ? x
            : call.Emit(name => new ReduceNode { Name = name, Inputs = [x.Node], Function = function, Axes = rowAxes, KeepsAxes = keeps }, new SymbolicShape(left), x.IsWhole));
    };
}
