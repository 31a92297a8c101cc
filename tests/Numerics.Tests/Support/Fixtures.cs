using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Support;

/// <summary>What PyTorch wrote: tests/fixtures/README.md.</summary>
internal static class Fixtures
{
    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Folder(), file));

    /// <summary>The tensors of a safetensors file, in fp64.</summary>
    public static Dictionary<string, torch.Tensor> Tensors(string file)
    {
        byte[] bytes = Read(file);
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var tensors = new Dictionary<string, torch.Tensor>();
        foreach (JsonProperty entry in JsonDocument.Parse(bytes.AsMemory(8, header)).RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            int[] ends = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt32() + 8 + header)];
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())];
            Span<byte> data = bytes.AsSpan(ends[0]..ends[1]);
            double[] values = entry.Value.GetProperty("dtype").GetString() == "F64"
                ? MemoryMarshal.Cast<byte, double>(data).ToArray()
                : Array.ConvertAll(MemoryMarshal.Cast<byte, float>(data).ToArray(), v => (double)v);
            tensors.Add(entry.Name, torch.tensor(values, shape));
        }

        return tensors;
    }

    /// <summary>A TorchScript program as a network with its own weights.</summary>
    public static NetworkWeights Program(string file, int inputs, int outputs, params string[] frozen)
    {
        byte[] program = Read(file);
        IReadOnlyList<(ScriptParameter Parameter, float[] Values)> parameters = ScriptedProgram.Inspect(program);
        var node = new ScriptNode { Name = "program", Inputs = ["x"], Outputs = outputs, Parameters = [.. parameters.Select(p => p.Parameter)] };
        var spec = new NetworkSpec([new NetworkInput("x", [inputs])], [node], "program", [.. frozen]);
        return NetworkWeights.FromTensors(spec, name => parameters.First(p => p.Parameter.Name == name).Values, program);
    }

    private static string Folder([CallerFilePath] string source = "") =>
        Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "fixtures", "models");
}
