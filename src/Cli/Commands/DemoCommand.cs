using System.CommandLine;
using AdaptCluster.Cli.Demo;
using AdaptCluster.Cli.Demo.Digits;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt demo</c>: the whole path on generated and on real data.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "The folder for figures, report and data directory.", DefaultValueFactory = _ => "./demo" };
        var data = new Option<string>("--data")
        {
            Description = "Flights with date, delay, distance and origin. Default: those that come with the program.",
            DefaultValueFactory = _ => DemoOptions.ShippedFlights,
        };
        var seed = new Option<int>("--seed") { Description = "Seeds everything random.", DefaultValueFactory = _ => 0 };
        var command = new Command("demo", "Trains, adapts, predicts and plots: sinusoids, and the flights of 229 airports.") { folder, data, seed };
        command.SetAction(context =>
        {
            RequireOwnSilo(context.Parse);
            return DemoRun.RunAsync(context, new DemoOptions(context.Get(folder), context.Get(data), context.Get(seed)));
        });
        command.Subcommands.Add(CreateDigits());
        return command;
    }

    private static Command CreateDigits()
    {
        var folder = new Option<string>("--out") { Description = "The folder for figure, report and data directory.", DefaultValueFactory = _ => "./demo-digits" };
        var seed = new Option<int>("--seed") { Description = "Seeds everything random.", DefaultValueFactory = _ => 0 };
        var command = new Command("digits", "Adapts a convolutional network to the angles of digits that it has not seen, all of it and its last layer alone.")
        {
            folder,
            seed,
        };
        command.SetAction(context =>
        {
            RequireOwnSilo(context.Parse);
            return DigitRun.RunAsync(context, context.Get(folder), context.Get(seed));
        });
        return command;
    }

    private static void RequireOwnSilo(ParseResult parse)
    {
        foreach (Option option in new Option[] { GlobalOptions.Cluster, GlobalOptions.DataDirectory, GlobalOptions.Tenant })
        {
            if (parse.GetResult(option) is { Implicit: false })
            {
                throw new InvalidInputException(option.Name, "the demo runs on a silo of its own, under --out", "leave it out");
            }
        }
    }
}
