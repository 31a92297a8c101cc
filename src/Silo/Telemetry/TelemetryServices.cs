using AdaptCluster.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AdaptCluster.Silo.Telemetry;

/// <summary>Traces and metrics leave by OTLP where the standard variables name an endpoint, and on the console where asked.</summary>
internal static class TelemetryServices
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";
    private const string InstanceId = "service.instance.id";

    public static void AddAdaptTelemetry(this IServiceCollection services, bool console)
    {
        bool otlp = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(OtlpEndpoint));
        if (!otlp && !console)
        {
            return;
        }

        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("adaptcluster", autoGenerateServiceInstanceId: !IsNamed()))
            .WithTracing(tracing =>
            {
                tracing.AddSource(AdaptInstruments.Name).AddSource("Microsoft.Orleans.*");
                if (otlp)
                {
                    tracing.AddOtlpExporter();
                }

                if (console)
                {
                    tracing.AddConsoleExporter();
                }
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(AdaptInstruments.Name).AddMeter("Microsoft.Orleans");
                if (otlp)
                {
                    metrics.AddOtlpExporter();
                }

                if (console)
                {
                    metrics.AddConsoleExporter();
                }
            });
    }

    /// <summary>Whether the silo was given a name; otherwise it has a random one.</summary>
    private static bool IsNamed() =>
        Environment.GetEnvironmentVariable(ResourceAttributes)?.Contains(InstanceId, StringComparison.Ordinal) ?? false;
}
