using AdaptCluster.Grains.Interfaces.Errors;
using Microsoft.AspNetCore.Diagnostics;

namespace AdaptCluster.Samples.CustomerApi;

/// <summary>The cluster's errors as HTTP: each knows whose fault it is and whether to come back.</summary>
internal sealed class AdaptErrors : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not AdaptException error)
        {
            return false;
        }

        context.Response.StatusCode = error switch
        {
            NotFoundException => StatusCodes.Status404NotFound,
            QuotaExceededException or BusyException => StatusCodes.Status429TooManyRequests,
            { IsRetryable: true } => StatusCodes.Status503ServiceUnavailable,
            { IsCallersFault: true } => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError,
        };
        if (error.IsRetryable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await context.Response.WriteAsJsonAsync(new { error = error.Message }, cancellationToken);
        return true;
    }
}
