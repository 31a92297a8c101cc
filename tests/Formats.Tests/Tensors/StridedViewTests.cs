using AdaptCluster.Formats.Tensors;
using CsCheck;

namespace AdaptCluster.Formats.Tests.Tensors;

public sealed class StridedViewTests
{
    /// <summary>The oracle computes every index by itself, from the definition.</summary>
    [Fact]
    public void Copy_AnyStrides_TheElementsThatTheDefinitionNames() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 6]).Array[0, 4], Gen.Int[0, 5], Gen.Int[0, 3].Select(i => 1 << i)).Sample((dimensions, offset, size) =>
        {
            int[] shape = [.. dimensions.Select(dimension => dimension.Item1)];
            long[] strides = [.. dimensions.Select(dimension => (long)dimension.Item2)];
            byte[] storage = [.. Enumerable.Range(0, 20 * size).Select(i => (byte)i)];
            int count = shape.Aggregate(1, (product, length) => product * length);
            long[] places = [.. Enumerable.Range(0, count).Select(i => Place(i, shape, strides, offset))];

            var view = new StridedView(storage, size, offset, shape, strides);

            Assert.Equal(count, view.Count);
            Assert.Equal(places.All(place => place < 20), view.IsWithinStorage());
            if (view.IsWithinStorage())
            {
                byte[] expected = [.. places.SelectMany(place => storage.Skip((int)place * size).Take(size))];
                Assert.Equal(expected, view.Copy());
                Assert.Equal(places.Index().All(place => place.Item == offset + place.Index), view.IsContiguous());
                if (view.IsContiguous())
                {
                    Assert.Equal(expected, view.Slice().ToArray());
                }
            }
        });

    private static long Place(int index, int[] shape, long[] strides, long offset)
    {
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            offset += index % shape[i] * strides[i];
            index /= shape[i];
        }

        return offset;
    }
}
