using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Samples.CustomerApi;

// Serves each customer predictions of a model of their own:
//   dotnet run --project samples/CustomerApi -- --Cluster 127.0.0.1:30000 --Source prices
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
string cluster = builder.Configuration["Cluster"] ?? "127.0.0.1:30000";
string source = builder.Configuration["Source"] ?? "prices";

// One connection for the application. It opens with the host, and repeats by itself what a dying silo loses.
builder.Services.AddAdaptClient(new ClusterConnectionOptions { Gateways = GatewayList.Parse(cluster, "Cluster") });
builder.Services.AddExceptionHandler<AdaptErrors>();
builder.Services.AddProblemDetails();
WebApplication app = builder.Build();
app.UseExceptionHandler();

// Rows and posterior are durable when this answers. Sending the same rows again changes nothing.
app.MapPost("/customers/{customer}/observations", async (string customer, Observation[] rows, AdaptClient client, CancellationToken cancellation) =>
{
    TaskDescription task = await client.Source(source).Task(customer).AdaptAsync(Observation.ToRows(rows), cancellation);
    return new { task.Observations, task.Posterior!.Version, LeaveOneOutError = task.Posterior.LeaveOneOut.MeanSquaredError };
});

app.MapPost("/customers/{customer}/predictions", async (string customer, double[][] inputs, AdaptClient client, CancellationToken cancellation) =>
{
    Prediction prediction = await client.Source(source).Task(customer).PredictAsync(Observation.ToRows(inputs), cancellation);
    return Enumerable.Range(0, prediction.Mean.Count).Select(row => new Answer(
        prediction.Mean.Values[row],
        Math.Sqrt(prediction.LatentVariance.Values[row] + prediction.NoiseVariance[0]),
        prediction.Version));
});

app.Run();
