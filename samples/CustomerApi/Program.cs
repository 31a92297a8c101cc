using AdaptCluster.Client.Connections;
using AdaptCluster.Samples.CustomerApi;

// Serves each customer predictions of a model of their own:
//   dotnet run --project samples/CustomerApi -- --Cluster 127.0.0.1:30000 --Source prices
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

// One connection for the application. It opens with the host, and repeats by itself what a dying silo loses.
builder.Services.AddAdaptClient(new ClusterConnectionOptions
{
    Gateways = GatewayList.Parse(builder.Configuration["Cluster"] ?? "127.0.0.1:30000", "Cluster"),
});
builder.Services.AddSingleton<CustomerEndpoints>();
builder.Services.AddExceptionHandler<AdaptErrors>();
builder.Services.AddProblemDetails();

WebApplication app = builder.Build();
app.UseExceptionHandler();
app.MapPost("/customers/{customer}/observations", Observe);
app.MapPost("/customers/{customer}/predictions", Predict);
app.Run();

static Task<Receipt> Observe(string customer, Observation[] rows, CustomerEndpoints endpoints, CancellationToken cancellationToken) =>
    endpoints.ObserveAsync(customer, rows, cancellationToken);

static Task<Answer[]> Predict(string customer, double[][] inputs, CustomerEndpoints endpoints, CancellationToken cancellationToken) =>
    endpoints.PredictAsync(customer, inputs, cancellationToken);
