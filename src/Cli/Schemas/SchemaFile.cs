using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Schemas;

/// <summary>What a schema file says: docs/schema-file.md describes the format.</summary>
/// <param name="Schema">The input columns, in the order in which the network reads them.</param>
/// <param name="Targets">The names of the targets; empty where the file leaves them open.</param>
/// <param name="InputMean">Subtracted from each encoded input; empty for nothing.</param>
/// <param name="InputScale">Each encoded input is divided by it; empty for 1.</param>
/// <param name="OutputMean">Added to each output; empty for nothing.</param>
/// <param name="OutputScale">Each output is multiplied by it; empty for 1.</param>
internal sealed record SchemaFile(
    InputSchema Schema,
    ImmutableArray<string> Targets,
    ImmutableArray<double> InputMean,
    ImmutableArray<double> InputScale,
    ImmutableArray<double> OutputMean,
    ImmutableArray<double> OutputScale)
{
    private const int MaxBytes = 64 << 20;
    private const int MaxColumnLength = 100_000_000;
    private const string Index = "index";
    private const string OneHot = "one-hot";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
    };

    /// <summary>Whether it says how inputs or outputs are standardised.</summary>
    public bool HasStandardisation => !(InputMean.IsEmpty && InputScale.IsEmpty && OutputMean.IsEmpty && OutputScale.IsEmpty);

    /// <exception cref="TableException">The file cannot be read, or is no schema.</exception>
    public static async Task<SchemaFile> ReadAsync(string path, CancellationToken cancellationToken = default) =>
        Parse(await InputFile.ReadTextAsync(path, MaxBytes, cancellationToken), path);

    /// <exception cref="TableException">The text is no schema.</exception>
    public static SchemaFile Parse(string json, string file)
    {
        Content content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(json, s_json) ?? throw new JsonException("the text is 'null'");
        }
        catch (JsonException error)
        {
            string place = error.LineNumber is { } line ? $"line {line + 1}" : "line 1";
            throw new TableException(
                file, $"this is no schema: {error.Message.Split(" Path:")[0].TrimEnd('.')}", "see docs/schema-file.md", place, cause: error);
        }

        return new SchemaReading(file).Check(content);
    }

    /// <summary>The file as it is written.</summary>
    private sealed record Content(
        [property: JsonRequired] ImmutableArray<Column?> Columns,
        ImmutableArray<string?> Targets = default,
        Units? Inputs = null,
        Units? Outputs = null);

    private sealed record Column([property: JsonRequired] string? Name, ImmutableArray<string?> Categories = default, string? Encoding = null, int? Length = null);

    private sealed record Units(ImmutableArray<double> Mean = default, ImmutableArray<double> Scale = default);

    /// <summary>From what is written to what is meant, with the file's name for errors.</summary>
    private sealed class SchemaReading(string file)
    {
        public SchemaFile Check(Content content)
        {
            if (content.Columns.IsDefaultOrEmpty)
            {
                throw Wrong("it names no column", "list the input columns under \"columns\"");
            }

            var schema = new InputSchema([.. content.Columns.Select(Check)]);
            ImmutableArray<string> targets = content.Targets.IsDefault ? [] : [.. content.Targets.Select(name => RequireName(name, "a target"))];
            string[] names = [.. schema.Columns.Select(column => column.Name), .. targets];
            if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw Wrong($"{Quote.One(twice.Key)} is named twice", "name each column once");
            }

            return new SchemaFile(
                schema,
                targets,
                Numbers(content.Inputs?.Mean, "inputs.mean", positive: false),
                Numbers(content.Inputs?.Scale, "inputs.scale", positive: true),
                Numbers(content.Outputs?.Mean, "outputs.mean", positive: false),
                Numbers(content.Outputs?.Scale, "outputs.scale", positive: true));
        }

        private InputColumn Check(Column? column)
        {
            string name = RequireName(column?.Name, "a column");
            ImmutableArray<string> categories = column!.Categories.IsDefault
                ? []
                : [.. column.Categories.Select(value => string.IsNullOrEmpty(value) ? throw Wrong($"column {Quote.One(name)} has an empty category", "remove it") : value)];
            if (!column.Categories.IsDefault)
            {
                RequireVocabulary(name, categories, column.Encoding == Index ? FeatureSchema.MaxIndices : FeatureSchema.MaxCategories);
            }

            if (column.Encoding is not (null or Index or OneHot))
            {
                throw Wrong($"column {Quote.One(name)} has the encoding {Quote.One(column.Encoding)}", "use \"index\" or \"one-hot\"");
            }

            if (column.Length is < 1 or > MaxColumnLength || (column.Length is not null && (!categories.IsEmpty || column.Encoding == OneHot)))
            {
                throw Wrong(
                    $"column {Quote.One(name)} cannot have the length {column.Length}", "give a list's length, of at least 1, without categories");
            }

            return new InputColumn(name, categories) { Length = column.Length ?? 0, IsIndex = column.Encoding == Index };
        }

        private void RequireVocabulary(string name, ImmutableArray<string> categories, int most)
        {
            if (categories.Length == 0 || categories.Length > most || categories.Distinct(StringComparer.Ordinal).Count() < categories.Length)
            {
                throw Wrong(
                    $"column {Quote.One(name)} has {categories.Length} categories, none or too many of them or one twice",
                    $"list from 1 to {most} different ones");
            }
        }

        private ImmutableArray<double> Numbers(ImmutableArray<double>? numbers, string what, bool positive)
        {
            if (numbers is null || numbers.Value.IsDefault)
            {
                return [];
            }

            foreach (double number in numbers.Value)
            {
                if (!double.IsFinite(number) || (positive && number <= 0))
                {
                    throw Wrong($"{what} has the value {number}", positive ? "give finite numbers above 0" : "give finite numbers");
                }
            }

            return numbers.Value;
        }

        private string RequireName(string? name, string what) =>
            string.IsNullOrWhiteSpace(name) ? throw Wrong($"{what} has no name", "name it") : name;

        private TableException Wrong(string problem, string remedy) => new(file, problem, remedy);
    }
}
