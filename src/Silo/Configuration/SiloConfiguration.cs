using System.Collections;
using System.Net;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Tenants;

namespace AdaptCluster.Silo.Configuration;

/// <summary>From flags, environment and file to checked settings: what is wrong is said before anything is started.</summary>
public static class SiloConfiguration
{
    private const string AnyAddress = "any";

    /// <summary>Reads and checks the settings of a silo that serves until it is stopped.</summary>
    /// <param name="flags">What the command line gives; a switch is "true".</param>
    /// <param name="warn">Told what is odd and no error.</param>
    /// <exception cref="InvalidInputException">A value cannot be used; the message names the option, where it was given, and what to do.</exception>
    public static SiloSettings Load(IReadOnlyDictionary<SiloOption, string> flags, Action<string>? warn = null) =>
        Load(flags, Environment.GetEnvironmentVariables(), warn);

    internal static SiloSettings Load(IReadOnlyDictionary<SiloOption, string> flags, IDictionary environment, Action<string>? warn)
    {
        ArgumentNullException.ThrowIfNull(flags);
        ConfiguredValues values = ConfiguredValues.Read(flags, environment);
        foreach (string name in values.Unknown)
        {
            warn?.Invoke($"{name} is not an option of a silo and is passed over");
        }

        SiloSettings settings = ToSettings(values);
        try
        {
            settings.Validate();
        }
        catch (InvalidInputException error) when (values.OriginOf(error.Input) is { } origin && origin != error.Input)
        {
            throw Relocate(error, origin);
        }

        return settings;
    }

    private static SiloSettings ToSettings(ConfiguredValues values)
    {
        var device = new DeviceOptions();
        device.Name = values.Text(SiloOptions.Device) ?? device.Name;
        device.Threads = values.Whole(SiloOptions.Threads) ?? device.Threads;
        device.SolveMemoryBytes = values.Whole(SiloOptions.SolveMemoryMb) is { } megabytes ? (long)megabytes << 20 : device.SolveMemoryBytes;
        var defaults = new SiloSettings { Role = SiloRole.Shared };
        return new SiloSettings
        {
            Role = SiloRole.Shared,
            DataDirectory = values.Text(SiloOptions.DataDirectory),
            Redis = values.Text(SiloOptions.Redis),
            TensorDirectory = values.Text(SiloOptions.Tensors),
            AllowVolatileStore = values.Switch(SiloOptions.AllowVolatileStore),
            StorePort = values.Whole(SiloOptions.StorePort),
            Join = values.Text(SiloOptions.Join),
            StoreSecretFile = values.Text(SiloOptions.StoreSecret),
            Address = values.Address(SiloOptions.Address) ?? defaults.Address,
            Listen = values.Text(SiloOptions.Listen) == AnyAddress ? IPAddress.Any : values.Address(SiloOptions.Listen),
            Port = values.Whole(SiloOptions.Port) ?? defaults.Port,
            SiloPort = values.Whole(SiloOptions.SiloPort) ?? defaults.SiloPort,
            ListenPort = values.Whole(SiloOptions.ListenPort),
            ListenSiloPort = values.Whole(SiloOptions.ListenSiloPort),
            HealthPort = values.Whole(SiloOptions.HealthPort),
            DrainSeconds = values.Whole(SiloOptions.DrainSeconds) ?? defaults.DrainSeconds,
            ConsoleTelemetry = values.Switch(SiloOptions.TelemetryConsole),
            Device = device,
            Quotas = new QuotaOptions
            {
                Tasks = values.Whole(SiloOptions.TenantTasks),
                Bytes = (long?)values.Whole(SiloOptions.TenantMb) << 20,
                Solves = values.Whole(SiloOptions.TenantSolves),
            },
        };
    }

    // The same line, with the place that a person has to mend.
    private static InvalidInputException Relocate(InvalidInputException error, string origin)
    {
        string[] parts = error.Message[(error.Input.Length + 2)..].TrimEnd('.').Split("; ", 2);
        return new InvalidInputException($"{origin} ({error.Input})", parts[0], parts[1]);
    }
}
