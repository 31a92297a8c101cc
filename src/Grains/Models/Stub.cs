using AdaptCluster.Formats.Tensors;
using AdaptCluster.Numerics.Networks;
namespace AdaptCluster.Import.Weights
{
    internal static class SpecWithWeights
    {
        public static NetworkWeights Read(NetworkSpec spec, IReadOnlyList<NamedTensor> tensors, string file) => NetworkWeights.FromTensors(spec, name => tensors.First(t => t.Name == name).ToSingles());
    }
}
namespace AdaptCluster.Import.Onnx
{
    internal static class OnnxExporter
    {
        public static byte[] Export(SourceModel model) => throw new NotSupportedException();
    }
}
