using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Spreads;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Baselines;

public sealed class RbfProcessTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Predict_AroundZeroOrTheSource_IsTheClosedForm(bool aroundSource)
    {
        using var network = new SourceNetwork(Fleets.Model(), torch.CPU);
        TaskData task = Fleets.Related(network.Model, 1, 12, seed: 1)[0];
        RowMatrix at = Cases.Normal(new SeededRandom(3), 4, 2);
        var settings = new RbfSettings(0.8, 1.3, 0.05, 0);
        using var model = new RbfModel(network, task, settings, aroundSource);
        Forecast forecast = model.Predict(at);

        Standardisation units = network.Model.OutputStandardisation;
        torch.Tensor covariance = Kernel(network, task.Inputs, task.Inputs, settings) + (torch.eye(12, dtype: torch.ScalarType.Float64) * 0.05);
        torch.Tensor cross = Kernel(network, at, task.Inputs, settings);
        torch.Tensor inverse = torch.linalg.inv(covariance);
        torch.Tensor mean = torch.mm(cross, torch.mm(inverse, torch.tensor(RbfModel.ResidualsOf(network, task, aroundSource)).view(-1, 1)));
        torch.Tensor explained = torch.mm(torch.mm(cross, inverse), cross.t());
        double[] source = aroundSource ? units.Apply(network.Evaluate(at)).Values : new double[4];
        for (int i = 0; i < 4; i++)
        {
            double expected = ((mean[i, 0].item<double>() + source[i]) * units.Scale[0]) + units.Mean[0];
            double variance = (1.3 - explained[i, i].item<double>() + 0.05) * units.Scale[0] * units.Scale[0];
            Assert.Equal(expected, forecast.Mean.Values[i], 1e-9); // fp64, twelve rows
            Assert.Equal(variance, forecast.Variance.Values[i], 1e-9);
        }
    }

    [Fact]
    public void SettingsOf_ASmoothTask_AreNoWorseThanAnyOfAGrid()
    {
        using var network = new SourceNetwork(Fleets.Model(), torch.CPU);
        TaskData task = Fleets.Unrelated(network.Model, 1, 25, seed: 2)[0];
        using var process = new RbfProcess(network, 0);
        RbfSettings best = process.SettingsOf(task);
        double[] y = RbfModel.ResidualsOf(network, task, aroundSource: false);
        torch.Tensor residuals = torch.tensor(y).view(-1, 1);
        for (double length = -2; length <= 3; length += 0.25)
        {
            torch.Tensor kernel = Kernel(network, task.Inputs, task.Inputs, new RbfSettings(Math.Exp(length), 1, 1, 0));
            SpectralFit fit = SpectralEvidence.Maximise([Spectrum.Of(kernel, residuals)]);

            // The lengthscale is known to 1%: at a maximum that costs second order.
            Assert.True(fit.LogEvidence <= best.LogEvidence + 1e-3);
        }
    }

    [Fact]
    public void Fit_TasksOfSeveralSizes_SumsTheirEvidences()
    {
        using var network = new SourceNetwork(Fleets.Model(), torch.CPU);
        List<TaskData> tasks = [.. Fleets.Unrelated(network.Model, 3, 9, seed: 2), .. Fleets.Unrelated(network.Model, 2, 5, seed: 3)];
        double[][] residuals = [.. tasks.Select(task => RbfModel.ResidualsOf(network, task, aroundSource: true))];
        double[][,] inputs = [.. tasks.Select(task => RbfKernel.Rows(network.Model.InputStandardisation.Apply(task.Inputs)))];
        using var fleet = new RbfTasks(inputs, residuals, 1, null, torch.CPU);
        RbfSettings fit = fleet.Fit(null, null);
        double sum = 0;
        for (int t = 0; t < tasks.Count; t++)
        {
            torch.Tensor kernel = Kernel(network, tasks[t].Inputs, tasks[t].Inputs, fit with { Scale = 1 });
            sum += SpectralEvidence.Value(Spectrum.Of(kernel, torch.tensor(residuals[t]).view(-1, 1)), fit.Scale, fit.NoiseVariance);
        }

        Assert.Equal(sum, fit.LogEvidence, 1e-7); // eigenvalues of one kernel computed alone and in a batch
    }

    private static torch.Tensor Kernel(SourceNetwork network, RowMatrix a, RowMatrix b, RbfSettings settings)
    {
        RowMatrix x = network.Model.InputStandardisation.Apply(a);
        RowMatrix z = network.Model.InputStandardisation.Apply(b);
        var values = new double[x.Rows * z.Rows];
        for (int i = 0; i < x.Rows; i++)
        {
            for (int j = 0; j < z.Rows; j++)
            {
                double squares = Enumerable.Range(0, x.Columns).Sum(d => (x[i, d] - z[j, d]) * (x[i, d] - z[j, d]));
                values[(i * z.Rows) + j] = settings.Scale * Math.Exp(-squares / (2 * settings.Lengthscale * settings.Lengthscale));
            }
        }

        return torch.tensor(values).view(x.Rows, z.Rows);
    }
}
