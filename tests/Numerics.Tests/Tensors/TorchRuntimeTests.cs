using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Tensors;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void OpenDevice_Cpu_IsIt() => Assert.Equal(torch.CPU, TorchRuntime.OpenDevice("cpu"));

    [Theory]
    [InlineData("cpu", true)]
    [InlineData("cuda", true)]
    [InlineData("cuda:0", true)]
    [InlineData("cuda:15", true)]
    [InlineData("cuda:", false)]
    [InlineData("cuda:-1", false)]
    [InlineData("cuda:x", false)]
    [InlineData("CPU", false)]
    [InlineData("tpu", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void IsDeviceName_Text_OnlyOfDevices(string? name, bool expected) => Assert.Equal(expected, TorchRuntime.IsDeviceName(name));

    [Fact]
    public void OpenDevice_CudaWithoutCuda_SaysWhatToDo()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "this machine has CUDA");

        DeviceUnavailableException error = Assert.Throws<DeviceUnavailableException>(() => TorchRuntime.OpenDevice("cuda:0"));

        Assert.Equal("cuda:0", error.Device);
        Assert.StartsWith("Device 'cuda:0': libtorch finds no CUDA; use cpu, or a build with -p:AdaptTorchBackend=cuda", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FolderWithoutLibtorch_SaysWhichFolderToName()
    {
        string folder = Directory.CreateTempSubdirectory("libtorch-").FullName;
        try
        {
            Assert.Contains($"names '{folder}', where there is no", Problem(folder, []), StringComparison.Ordinal);
            foreach (string name in new[] { "libtorch_cpu.so", "libtorch_cpu.dylib", "torch_cpu.dll" })
            {
                File.WriteAllText(Path.Combine(folder, name), "no library");
            }

            Assert.Contains($"cannot be loaded with the libtorch of ADAPT_LIBTORCH='{folder}'", Problem(folder, []), StringComparison.Ordinal);
            Assert.Contains($"must be libtorch {TorchRuntime.LibtorchVersion}", Problem(folder, []), StringComparison.Ordinal);
            Assert.Contains($"this build brings its own libtorch in '{folder}'", Problem("/elsewhere", [folder]), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Problem(string folder, string[] own) => Assert.Throws<DllNotFoundException>(() => TorchLibraries.Load(folder, own)).Message;
}
