using AdaptCluster.Cli.Demo.Digits;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class DigitDataTests
{
    // Interpolation of the same four pixels in another order of additions.
    private const double Rounding = 1e-12;

    [Fact]
    public void Rotate_FullAndQuarterTurns_MoveEveryPixelWhereItBelongs()
    {
        double[] pixels = [.. Enumerable.Range(0, 64).Select(i => i / 64.0)];
        var image = new DigitImage(3, pixels);

        Assert.Equal(pixels, image.Rotate(0));
        double[] quarter = image.Rotate(90);
        double[] full = image.Rotate(360);
        for (int y = 0; y < DigitImage.Side; y++)
        {
            for (int x = 0; x < DigitImage.Side; x++)
            {
                // Clockwise: what was at the left end of the top row is at its right end.
                Assert.Equal(pixels[((7 - x) * 8) + y], quarter[(y * 8) + x], Rounding);
                Assert.Equal(pixels[(y * 8) + x], full[(y * 8) + x], 1e-9);
            }
        }
    }

    [Fact]
    public void Invert_Twice_IsTheImage()
    {
        double[] pixels = [0, 0.25, 1];
        Assert.Equal([1, 0.75, 0], DigitImage.Invert(pixels));
        Assert.Equal(pixels, DigitImage.Invert(DigitImage.Invert(pixels)));
    }

    [Fact]
    public async Task ReadAsync_ShippedImages_TasksHaveRoomForEveryPointAndTestsOfOtherImages()
    {
        DigitData data = await DigitData.ReadAsync(DigitData.ShippedImages, seed: 0, CancellationToken.None);
        DigitTask[] tasks = data.NewTasks();
        TaskRowsNames(data.Fleet());

        Assert.Equal(16, tasks.Length);
        Assert.Equal(tasks.Length, tasks.Select(task => task.Name).Distinct().Count());
        Assert.All(tasks, task =>
        {
            Assert.True(task.Pool.Count >= DigitTask.Points[^1]);
            Assert.True(task.Tests.Count >= 200);
            Assert.All(task.Pool.Targets.Values, angle => Assert.InRange(angle, -45, 45));
            Assert.All(task.Pool.Inputs.Values, pixel => Assert.InRange(pixel, 0, 1));
        });
        Assert.Equal(6 * 110 * 12, data.Source().Count);
    }

    [Fact]
    public async Task ReadAsync_SameSeed_SameTasks()
    {
        DigitData one = await DigitData.ReadAsync(DigitData.ShippedImages, seed: 5, CancellationToken.None);
        DigitData two = await DigitData.ReadAsync(DigitData.ShippedImages, seed: 5, CancellationToken.None);
        Assert.Equal(one.NewTasks()[0].Pool.Inputs.Values, two.NewTasks()[0].Pool.Inputs.Values);
    }

    private static void TaskRowsNames(AdaptCluster.Client.Data.TaskRows[] fleet) =>
        Assert.Equal(fleet.Length, fleet.Select(task => task.Task).Distinct().Count());
}
