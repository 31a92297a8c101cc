using System.CommandLine;
using AdaptCluster.Cli.Output;

namespace AdaptCluster.Cli.Commands;

/// <summary>The command <c>adapt</c>: everything that can be typed.</summary>
internal static class AdaptCommand
{
    /// <summary>After Ctrl-C or SIGTERM a silo drains and brings its store in order; only after this long it is ended anyway.</summary>
    private static readonly TimeSpan s_timeToEnd = TimeSpan.FromSeconds(120);

    public static RootCommand Create()
    {
        var root = new RootCommand("Gives every customer a model of their own from one trained network, with honest uncertainty.")
        {
            DemoCommand.Create(),
            SourcesCommand.Create(),
            PriorCommand.Create(),
            TasksCommand.Create(),
            PanelsCommand.Create(),
            PredictCommand.Create(),
            EvaluateCommand.Create(),
            CompareCommand.Create(),
            ExplainCommand.Create(),
            SiloCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
        };
        root.Options.Add(GlobalOptions.Cluster);
        root.Options.Add(GlobalOptions.DataDirectory);
        root.Options.Add(GlobalOptions.Tenant);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(GlobalOptions.ConsoleTelemetry);
        return root;
    }

    /// <returns>0 done, 1 failed, 2 wrong usage or bad input.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parse = Create().Parse(args);
        if (parse.Errors.Count > 0)
        {
            return await ExplainAsync(parse);
        }

        return await parse.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = s_timeToEnd,
        });
    }

    /// <summary>What is wrong with the command line and how it is used, all on standard error.</summary>
    private static async Task<int> ExplainAsync(ParseResult parse)
    {
        await parse.InvokeAsync(new InvocationConfiguration { Output = Console.Error });
        var output = new CommandOutput(parse.GetResult(GlobalOptions.Json) is { Implicit: false }, Console.Out, Console.Error);
        output.Document(new { error = string.Join(" ", parse.Errors.Select(error => error.Message)) });
        return CommandAction.BadInput;
    }
}
