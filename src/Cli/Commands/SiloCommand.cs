using System.CommandLine;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo;
using AdaptCluster.Silo.Configuration;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt silo</c>: serves the data directory to other commands, or is one silo of a cluster: over a Redis server, or over the store of another silo.</summary>
internal static class SiloCommand
{
    public static Command Create()
    {
        var command = new Command(
            "silo", "Serves the data directory until it is stopped; other commands find and use it. Options may also come from ADAPT_* variables and a file.");
        var texts = new List<(SiloOption Option, Option<string?> Flag)>();
        var switches = new List<(SiloOption Option, Option<bool> Flag)>();
        foreach (SiloOption option in SiloOptions.All)
        {
            if (option == SiloOptions.DataDirectory || option == SiloOptions.TelemetryConsole)
            {
                continue; // Options of every command.
            }

            if (option.IsSwitch)
            {
                switches.Add((option, new Option<bool>(option.Flag) { Description = option.Description }));
                command.Options.Add(switches[^1].Flag);
            }
            else
            {
                texts.Add((option, new Option<string?>(option.Flag) { Description = option.Description }));
                command.Options.Add(texts[^1].Flag);
            }
        }

        command.SetAction(context =>
        {
            if (context.Get(GlobalOptions.Cluster) != "embedded")
            {
                throw new InvalidInputException("--cluster", "a silo is a cluster of its own", "leave the option out");
            }

            var given = new Dictionary<SiloOption, string>();
            foreach ((SiloOption option, Option<string?> flag) in texts.Where(entry => context.Find(entry.Flag) is not null))
            {
                given.Add(option, context.Find(flag)!);
            }

            foreach ((SiloOption option, _) in switches.Where(entry => context.Find(entry.Flag)))
            {
                given.Add(option, bool.TrueString);
            }

            if (context.IsGiven(GlobalOptions.DataDirectory))
            {
                given.Add(SiloOptions.DataDirectory, context.Get(GlobalOptions.DataDirectory));
            }

            if (context.Get(GlobalOptions.ConsoleTelemetry))
            {
                given.Add(SiloOptions.TelemetryConsole, bool.TrueString);
            }

            return SharedSilo.RunAsync(SiloConfiguration.Load(given, context.Output.Note), context.CancellationToken);
        });
        return command;
    }
}
