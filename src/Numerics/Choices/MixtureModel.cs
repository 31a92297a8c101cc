using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Choices;

/// <summary>Models of one task, with their probabilities. Owns the models.</summary>
/// <param name="models">Null for one that has no say.</param>
/// <param name="probabilities">One per model, their sum is 1.</param>
internal sealed class MixtureModel(ITaskModel?[] models, double[] probabilities) : ITaskModel
{
    /// <summary>A model that is less likely has no say.</summary>
    internal const double Negligible = 1e-4;

    /// <summary>Per candidate, their sum is 1.</summary>
    internal IReadOnlyList<double> Probabilities => probabilities;

    /// <summary>The likeliest candidate.</summary>
    internal int Likeliest => Array.IndexOf(probabilities, probabilities.Max());

    /// <summary>The likeliest candidate's prediction.</summary>
    internal Forecast PredictByLikeliest(RowMatrix inputs) => models[Likeliest]!.Predict(inputs);

    /// <summary>The normal distribution with the mixture's mean and variance: what the candidates disagree about is part of the variance.</summary>
    public Forecast Predict(RowMatrix inputs)
    {
        (double Share, Forecast Forecast)[] parts =
        [
            .. Enumerable.Range(0, models.Length).Where(c => models[c] is not null).Select(c => (probabilities[c], models[c]!.Predict(inputs))),
        ];
        double total = parts.Sum(part => part.Share);
        RowMatrix shape = parts[0].Forecast.Mean;
        var mean = new double[shape.Values.Length];
        var variance = new double[mean.Length];
        foreach ((double share, Forecast forecast) in parts)
        {
            for (int i = 0; i < mean.Length; i++)
            {
                mean[i] += share / total * forecast.Mean.Values[i];
            }
        }

        foreach ((double share, Forecast forecast) in parts)
        {
            for (int i = 0; i < mean.Length; i++)
            {
                double apart = forecast.Mean.Values[i] - mean[i];
                variance[i] += share / total * (forecast.Variance.Values[i] + (apart * apart));
            }
        }

        return new Forecast(new RowMatrix(shape.Rows, shape.Columns, mean), new RowMatrix(shape.Rows, shape.Columns, variance));
    }

    public void Dispose()
    {
        foreach (ITaskModel? model in models)
        {
            model?.Dispose();
        }
    }
}
