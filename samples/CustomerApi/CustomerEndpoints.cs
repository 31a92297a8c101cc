using AdaptCluster.Client;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Samples.CustomerApi;

/// <summary>What the application answers.</summary>
/// <param name="client">The cluster.</param>
/// <param name="configuration">Says which source its customers adapt.</param>
internal sealed class CustomerEndpoints(AdaptClient client, IConfiguration configuration)
{
    private readonly SourceHandle _source = client.Source(configuration["Source"] ?? "prices");

    /// <summary>Rows and posterior are durable when this answers. Sending the same rows again changes nothing.</summary>
    public async Task<Receipt> ObserveAsync(string customer, Observation[] rows, CancellationToken cancellationToken)
    {
        TaskDescription task = await _source.Task(customer).AdaptAsync(Observation.ToRows(rows), cancellationToken);
        return new Receipt(task.Observations, task.Posterior!.Version, task.Posterior.LeaveOneOut.MeanSquaredError);
    }

    /// <summary>From the customer's latest posterior, also while a new one is being computed.</summary>
    public async Task<Answer[]> PredictAsync(string customer, double[][] inputs, CancellationToken cancellationToken)
    {
        Prediction prediction = await _source.Task(customer).PredictAsync(Observation.ToRows(inputs), cancellationToken);
        return [.. Enumerable.Range(0, prediction.Mean.Count).Select(row => new Answer(
            prediction.Mean.Values[row],
            Math.Sqrt(prediction.LatentVariance.Values[row] + prediction.NoiseVariance[0]),
            prediction.Version))];
    }
}
