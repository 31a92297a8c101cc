using System.CommandLine;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt silo</c>: serves the data directory to other commands, or is one silo of a cluster over a Redis server.</summary>
internal static class SiloCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "The port for clients; 0 for any free one.", DefaultValueFactory = _ => 0 };
        var device = new Option<string>("--device") { Description = "What computes: cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of the device.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var redis = new Option<string?>("--redis")
        {
            Description = "The Redis server, as host:port, that several silos share as one cluster; instead of a data directory.",
        };
        var tensors = new Option<string?>("--tensors") { Description = "The folder of tensor files that the silos on the Redis server share." };
        var allowVolatile = new Option<bool>("--allow-volatile-store") { Description = "Accepts a Redis server that may lose acknowledged writes." };
        var solveMemory = new Option<int>("--solve-memory-mb")
        {
            Description = "Megabytes of memory for iterative solves.",
            DefaultValueFactory = _ => (int)(new DeviceOptions().SolveMemoryBytes >> 20),
        };
        var command = new Command("silo", "Serves the data directory until it is stopped; other commands find and use it.")
        {
            port, device, threads, solveMemory, redis, tensors, allowVolatile,
        };
        command.SetAction(context =>
        {
            if (context.Get(GlobalOptions.Cluster) != "embedded")
            {
                throw new InvalidInputException("--cluster", "a silo is a cluster of its own", "leave the option out");
            }

            return SharedSilo.RunAsync(
                new SiloSettings
                {
                    DataDirectory = context.IsGiven(GlobalOptions.DataDirectory) ? context.Get(GlobalOptions.DataDirectory) : null,
                    Redis = context.Find(redis),
                    TensorDirectory = context.Find(tensors),
                    AllowVolatileStore = context.Find(allowVolatile),
                    Port = context.NotNegative(port),
                    Role = SiloRole.Shared,
                    ConsoleTelemetry = context.Get(GlobalOptions.ConsoleTelemetry),
                    Device = new DeviceOptions { Name = context.Get(device), Threads = context.Positive(threads), SolveMemoryBytes = (long)context.Positive(solveMemory) << 20 },
                },
                context.CancellationToken);
        });
        return command;
    }
}
