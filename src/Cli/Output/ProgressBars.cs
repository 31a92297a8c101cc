using Spectre.Console;

namespace AdaptCluster.Cli.Output;

/// <summary>One bar on standard error while something runs; where nobody watches, one line when it ends.</summary>
internal static class ProgressBars
{
    /// <summary>Runs an operation under a bar.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="title">What is going on.</param>
    /// <param name="operation">Reports the share done (0 to 1) and a short text.</param>
    public static async Task<T> RunAsync<T>(CommandOutput output, string title, Func<Action<double, string>, Task<T>> operation)
    {
        if (!output.Error.Profile.Capabilities.Interactive || Console.IsErrorRedirected)
        {
            string last = string.Empty;
            T result = await operation((_, text) => last = text);
            output.Note(last.Length == 0 ? title : $"{title}: {last}");
            return result;
        }

        return await output.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(title), maxValue: 1);
                T result = await operation((share, text) =>
                {
                    bar.Value = share;
                    bar.Description = Markup.Escape(text.Length == 0 ? title : $"{title}: {text}");
                });
                bar.Value = 1;
                return result;
            });
    }
}
