using System.Globalization;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo;

// dotnet run --project src/Silo -- followed by these.
const string options = "[--data-dir DIR | --redis HOST:PORT --tensors DIR [--allow-volatile-store]] [--port N] "
    + "[--device cpu|cuda:N] [--threads N] [--solve-memory-mb N] [--telemetry-console]";
string? directory = null;
string? redis = null;
string? tensors = null;
bool allowVolatile = false;
int port = 0;
bool telemetry = false;
var device = new DeviceOptions();
try
{
    for (int i = 0; i < args.Length; i++)
    {
        switch (args[i])
        {
            case "--data-dir" when i + 1 < args.Length:
                directory = args[++i];
                break;
            case "--redis" when i + 1 < args.Length:
                redis = args[++i];
                break;
            case "--tensors" when i + 1 < args.Length:
                tensors = args[++i];
                break;
            case "--allow-volatile-store":
                allowVolatile = true;
                break;
            case "--port" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out port):
                i++;
                break;
            case "--device" when i + 1 < args.Length:
                device.Name = args[++i];
                break;
            case "--threads" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out int threads):
                device.Threads = threads;
                i++;
                break;
            case "--solve-memory-mb" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out int megabytes):
                device.SolveMemoryBytes = (long)megabytes << 20;
                i++;
                break;
            case "--telemetry-console":
                telemetry = true;
                break;
            default:
                throw new InvalidInputException($"'{args[i]}'", "it is no option or lacks its value", $"use {options}");
        }
    }

    return await SharedSilo.RunAsync(new SiloSettings
    {
        DataDirectory = directory,
        Redis = redis,
        TensorDirectory = tensors,
        AllowVolatileStore = allowVolatile,
        Port = port,
        Role = SiloRole.Shared,
        ConsoleTelemetry = telemetry,
        Device = device,
    });
}
catch (AdaptException error)
{
    await Console.Error.WriteLineAsync($"adapt silo: {error.Message}");
    return 2;
}
catch (Exception error)
{
    await Console.Error.WriteLineAsync(
        $"adapt silo: internal error: {error.GetType().Name}: {error.Message.Split('\n')[0]}; please report it with the lines below.");
    await Console.Error.WriteLineAsync(error.ToString());
    return 1;
}
