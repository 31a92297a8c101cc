using AdaptCluster.Grains.Devices;

namespace AdaptCluster.Grains.Tests.Devices;

public sealed class LaneAdmissionTests
{
    [Fact]
    public void TryEnter_OneTwoAndThreeTenants_EachHasAsManyAsAreFree()
    {
        var admission = new LaneAdmission(120);

        Assert.Equal(60, Fill(admission, "a"));
        Assert.Equal(30, Fill(admission, "b")); // 60 + 30 of 120: 30 are free
        Assert.Equal(15, Fill(admission, "c"));
        Assert.Equal(15, Fill(admission, string.Empty)); // the cluster's own work may have what there is
        Assert.Equal(120, admission.Waiting);
    }

    [Fact]
    public void Leave_SomeLeft_TheirPlacesAreFree()
    {
        var admission = new LaneAdmission(10);
        Assert.Equal(5, Fill(admission, "a"));

        admission.Leave("a", 5);

        Assert.Equal(0, admission.Waiting);
        Assert.Equal(5, Fill(admission, "a"));
    }

    [Fact]
    public void RetryAfter_SlowOperations_WhenThoseThatWaitAreDone()
    {
        var admission = new LaneAdmission(1_000);
        Assert.Equal(TimeSpan.FromSeconds(1), admission.RetryAfter());
        for (int i = 0; i < 200; i++)
        {
            admission.Took(TimeSpan.FromSeconds(2), requests: 20);
            Assert.True(admission.TryEnter(string.Empty));
        }

        Assert.Equal(20, admission.RetryAfter().TotalSeconds, 0.1); // 200 of a tenth of a second
        for (int i = 0; i < 800; i++)
        {
            Assert.True(admission.TryEnter(string.Empty));
        }

        Assert.Equal(TimeSpan.FromSeconds(30), admission.RetryAfter());
    }

    private static int Fill(LaneAdmission admission, string tenant)
    {
        int entered = 0;
        while (admission.TryEnter(tenant))
        {
            entered++;
        }

        return entered;
    }
}
