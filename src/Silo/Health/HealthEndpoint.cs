using System.Net;
using AdaptCluster.Grains.Interfaces.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace AdaptCluster.Silo.Health;

/// <summary>
/// For whoever watches over the process: <c>/health/live</c> answers as long as the process does, <c>/health/ready</c> where work
/// may be sent. It listens before the silo starts and until it has ended.
/// </summary>
internal sealed class HealthEndpoint : IAsyncDisposable
{
    /// <summary>The path that says that the process answers.</summary>
    public const string LivePath = "/health/live";

    /// <summary>The path that says whether work may be sent: 200, or 503 with the reason.</summary>
    public const string ReadyPath = "/health/ready";

    private readonly WebApplication _application;

    private HealthEndpoint(WebApplication application, Uri address)
    {
        _application = application;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <exception cref="InvalidInputException">The port is taken.</exception>
    public static async Task<HealthEndpoint> StartAsync(IPAddress listen, int port, HealthState state, CancellationToken cancellationToken)
    {
        // Empty: neither files nor variables of ASP.NET change it.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(listen, port));
        WebApplication application = builder.Build();
        application.Run(context => AnswerAsync(context, state));
        try
        {
            await application.StartAsync(cancellationToken);
            return new HealthEndpoint(application, new Uri(application.Urls.First()));
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            await application.DisposeAsync();
            throw new InvalidInputException("--health-port", $"port {port} is in use", "name another one");
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, HealthState state) => context.Request.Path.Value switch
    {
        LivePath => SayAsync(context, StatusCodes.Status200OK, "ok"),
        ReadyPath => SayReadyAsync(context, state),
        _ => SayAsync(context, StatusCodes.Status404NotFound, $"{LivePath} and {ReadyPath} are here"),
    };

    private static async Task SayReadyAsync(HttpContext context, HealthState state)
    {
        string? problem = await state.FindProblemAsync(context.RequestAborted);
        await SayAsync(context, problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, problem ?? "ok");
    }

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
