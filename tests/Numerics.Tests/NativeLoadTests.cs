using TorchSharp;

namespace AdaptCluster.Numerics.Tests;

public sealed class NativeLoadTests
{
    [Fact]
    public void Mm_OnTheBuildMachine_LoadsTheNativeLibrary()
    {
        using torch.Tensor a = torch.ones(2, 3);
        using torch.Tensor b = torch.ones(3, 2);
        using torch.Tensor c = torch.mm(a, b);
        Assert.Equal(3f, c[0, 0].item<float>());
    }
}
