using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Commands;

/// <summary>Runs a command's action and turns what went wrong into one line and an exit code.</summary>
internal static class CommandAction
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;

    public static void SetAction(this Command command, Func<CommandContext, Task<int>> action) =>
        command.SetAction((parse, cancellationToken) => RunAsync(parse, action, cancellationToken));

    /// <summary>What a person has to mend, a disk or a damaged directory included, rather than try again.</summary>
    public static bool IsBadInput(AdaptException error) => error.IsCallersFault || error is StoreException;

    private static async Task<int> RunAsync(ParseResult parse, Func<CommandContext, Task<int>> action, CancellationToken cancellationToken)
    {
        var output = new CommandOutput(
            parse.GetValue(GlobalOptions.Json), parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);
        try
        {
            if (output.IsJson && parse.GetValue(GlobalOptions.ConsoleTelemetry))
            {
                throw new InvalidInputException("--telemetry-console", "it would mix with the document of --json", "use one of them");
            }

            return await action(new CommandContext(parse, output, cancellationToken));
        }
        catch (TableException error)
        {
            return Report(output, error.Message, BadInput);
        }
        catch (AdaptException error)
        {
            return Report(output, error.Message, IsBadInput(error) ? BadInput : Failed);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Report(output, "cancelled.", Failed);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            return Report(
                output,
                $"the cluster stopped answering ({FirstLine(error)}); see whether its silos run, then repeat the command: rows that are held already are not added twice.",
                Failed);
        }
        catch (Exception error)
        {
            int exitCode = Report(
                output, $"internal error: {error.GetType().Name}: {FirstLine(error)}; please report it with the lines below.", Failed);
            output.Details(error.ToString());
            return exitCode;
        }
    }

    private static string FirstLine(Exception error) => error.Message.Split('\n')[0].TrimEnd('.', '\r', ' ');

    private static int Report(CommandOutput output, string message, int exitCode)
    {
        output.Note($"adapt: {message}");
        output.Document(new { error = message });
        return exitCode;
    }
}
