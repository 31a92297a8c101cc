using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Numerics.Networks;

/// <summary>
/// Which numbers of a row are indices of embeddings: found by following each number through the nodes that only move numbers around, so that
/// an index outside its table can be refused before anything is stored or computed.
/// </summary>
internal static class IndexColumns
{
    private const int Elsewhere = -1; // a number that was computed

    /// <summary>Per number of a row the entries of the smallest table that it looks up, 0 where it is no index; empty where there is none.</summary>
    internal static ImmutableArray<int> Of(NetworkGraph graph)
    {
        if (!graph.Values.Any(value => value.Node is EmbeddingNode))
        {
            return [];
        }

        var bounds = new int[graph.InputWidth];
        var origins = new int[graph.Values.Length][];
        for (int i = 0; i < origins.Length; i++)
        {
            GraphValue value = graph.Values[i];
            int[][] inputs = [.. value.Inputs.Select(input => origins[input])];
            ImmutableArray<int>[] shapes = [.. value.Inputs.Select(input => graph.Values[input].Shape)];
            origins[i] = value.Node is null
                ? [.. Enumerable.Range(value.Offset, (int)Shapes.Count(value.Shape))]
                : Move(value.Node, inputs, shapes, value.Shape);
            if (value.Node is EmbeddingNode embedding)
            {
                foreach (int column in inputs[0].Where(column => column != Elsewhere))
                {
                    bounds[column] = bounds[column] == 0 ? embedding.Vocabulary : Math.Min(bounds[column], embedding.Vocabulary);
                }
            }
        }

        return [.. bounds];
    }

    private static int[] Move(NetworkNode node, int[][] inputs, ImmutableArray<int>[] shapes, ImmutableArray<int> shape) => node switch
    {
        ReshapeNode or IdentityNode => inputs[0],
        TransposeNode transpose => Pick(shape, shapes[0], inputs[0], place => [.. Enumerable.Range(0, place.Length).Select(axis => place[transpose.Order.IndexOf(axis)])]),
        SliceNode slice => Pick(shape, shapes[0], inputs[0], place => With(place, slice.Axis, slice.Start + (place[slice.Axis] * slice.Step))),
        GatherNode gather => Pick(shape, shapes[0], inputs[0], place => With(place, gather.Axis, gather.Indices[place[gather.Axis]])),
        ConcatNode concat => Join(concat, inputs, shapes, shape),
        _ => [.. Enumerable.Repeat(Elsewhere, (int)Shapes.Count(shape))],
    };

    // Every number of the result from the place of the input that it comes from.
    private static int[] Pick(ImmutableArray<int> shape, ImmutableArray<int> from, int[] origins, Func<int[], int[]> source)
    {
        var result = new int[Shapes.Count(shape)];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = origins[Flat(source(Place(i, shape)), from)];
        }

        return result;
    }

    private static int[] Join(ConcatNode concat, int[][] inputs, ImmutableArray<int>[] shapes, ImmutableArray<int> shape)
    {
        var result = new int[Shapes.Count(shape)];
        for (int i = 0; i < result.Length; i++)
        {
            int[] place = Place(i, shape);
            int part = 0;
            while (place[concat.Axis] >= shapes[part][concat.Axis])
            {
                place[concat.Axis] -= shapes[part++][concat.Axis];
            }

            result[i] = inputs[part][Flat(place, shapes[part])];
        }

        return result;
    }

    private static int[] With(int[] place, int axis, int position)
    {
        place[axis] = position;
        return place;
    }

    private static int[] Place(int flat, ImmutableArray<int> shape)
    {
        var place = new int[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            place[axis] = flat % shape[axis];
            flat /= shape[axis];
        }

        return place;
    }

    private static int Flat(int[] place, ImmutableArray<int> shape)
    {
        int flat = 0;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            flat = (flat * shape[axis]) + place[axis];
        }

        return flat;
    }
}
