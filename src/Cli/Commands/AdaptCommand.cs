using System.CommandLine;

namespace AdaptCluster.Cli.Commands;

/// <summary>The command <c>adapt</c>: everything that can be typed.</summary>
internal static class AdaptCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Gives every customer a model of their own from one trained network, with honest uncertainty.")
        {
            SourcesCommand.Create(),
            PriorCommand.Create(),
            TasksCommand.Create(),
            PredictCommand.Create(),
            EvaluateCommand.Create(),
            SiloCommand.Create(),
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
        int exitCode = await parse.InvokeAsync();
        return parse.Errors.Count > 0 ? CommandAction.BadInput : exitCode;
    }
}
