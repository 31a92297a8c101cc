using System.CommandLine;
using AdaptCluster.Cli.Schemas;

namespace AdaptCluster.Cli.Commands;

/// <summary>The options that describe a network beside its data or its file of weights.</summary>
internal sealed class NetworkOptions
{
    private const int MaxSpecBytes = 64 << 20;

    public Option<string?> Spec { get; } = new("--spec") { Description = "The network's structure as JSON; docs/network-spec.md describes it." };

    public Option<string?> Schema { get; } = new("--schema") { Description = "The input columns as JSON; docs/schema-file.md describes it." };

    public Option<string> Adapt { get; } = new("--adapt")
    {
        Description = "Which parameters are adapted: all, last, or names and patterns, as in layer4.*,fc.weight.",
        DefaultValueFactory = _ => "all",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Spec);
        command.Options.Add(Schema);
        command.Options.Add(Adapt);
    }

    /// <exception cref="Tables.TableException">The file cannot be read.</exception>
    public async Task<string?> ReadSpecAsync(CommandContext context) =>
        context.Find(Spec) is { } file ? await InputFile.ReadTextAsync(file, MaxSpecBytes, context.CancellationToken) : null;

    /// <exception cref="Tables.TableException">The file cannot be read, or is no schema.</exception>
    public async Task<SchemaFile?> ReadSchemaAsync(CommandContext context) =>
        context.Find(Schema) is { } file ? await SchemaFile.ReadAsync(file, context.CancellationToken) : null;
}
