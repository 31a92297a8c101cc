using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using AdaptCluster.Processes.Tests.Crashes;
using AdaptCluster.Processes.Tests.Sharing;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Operations;

/// <summary>The samples do what their comments say.</summary>
[Collection(nameof(OneDirectory))]
public sealed partial class SampleTests(CrashFixture directory)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CustomerApi_ObservedCustomer_IsPredictedAndErrorsAreHttp()
    {
        using DataFolder folder = directory.Folder.Copy();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1");
        await using ChildProcess api = ChildProcess.Start(
            Executables.Dotnet, Library("CustomerApi"), "--Cluster", $"{silo.Gateway}", "--Source", CrashFixture.Source, "--urls", "http://127.0.0.1:0");
        await api.UntilAsync(process => Listening().IsMatch(process.Out));
        using var client = new HttpClient { BaseAddress = new Uri(Listening().Match(api.Out).Groups["address"].Value) };
        object[] rows = [.. Bakeries.Orders(5, 1, 12, "a").Select(order => new { inputs = new[] { order.Weight, order.Hour }, target = order.Price })];

        JsonElement first = await PostAsync(client, "/customers/anna/observations", rows);
        JsonElement again = await PostAsync(client, "/customers/anna/observations", rows);
        JsonElement predicted = await PostAsync(client, "/customers/anna/predictions", (double[][])[[1_000, 9], [2_000, 17]]);
        using HttpResponseMessage nobody = await client.PostAsJsonAsync("/customers/nobody/predictions", (double[][])[[1_000, 9]], Token);
        using HttpResponseMessage narrow = await client.PostAsJsonAsync("/customers/anna/predictions", (double[][])[[1_000]], Token);

        Assert.Equal((12, 1), (first.GetProperty("observations").GetInt32(), first.GetProperty("version").GetInt32()));
        Assert.Equal(first.ToString(), again.ToString());
        Assert.Equal(2, predicted.GetArrayLength());
        Assert.All(predicted.EnumerateArray(), answer =>
        {
            Assert.InRange(answer.GetProperty("mean").GetDouble(), 0, 3_000);
            Assert.InRange(answer.GetProperty("deviation").GetDouble(), 1, 1_000);
            Assert.Equal(1, answer.GetProperty("version").GetInt32());
        });
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (nobody.StatusCode, narrow.StatusCode));
        api.Terminate();
        Assert.Equal(0, (await api.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task FortyLines_FileOfCustomers_TellsAPredictionOfEach()
    {
        using DataFolder folder = directory.Folder.Copy();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1");
        string file = folder.Write("customers.csv", string.Concat(Bakeries.Orders(5, 3, 8, "shop ")
            .Select(order => FormattableString.Invariant($"{order.Shop},{order.Weight},{order.Hour},{order.Price}\n"))));

        await using ChildProcess sample = ChildProcess.Start(Executables.Dotnet, Library("FortyLines"), $"{silo.Gateway}", CrashFixture.Source, file);
        CommandResult told = (await sample.EndAsync()).Succeeded();

        string[] lines = [.. told.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        Assert.Equal(3, lines.Length);
        Assert.All(Enumerable.Range(0, 3), shop => Assert.Matches($@"^shop {shop}: -?\d+\.\d\d \+- \d+\.\d\d at the origin$", lines[shop]));
    }

    /// <summary>Its own build: of this configuration and framework, which the folder of these tests is named after.</summary>
    private static string Library(string sample)
    {
        DirectoryInfo framework = new DirectoryInfo(AppContext.BaseDirectory).Parent!;
        string root = framework.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "samples", sample, "bin", framework.Parent.Name, framework.Name, $"AdaptCluster.{sample}.dll");
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using HttpResponseMessage answer = await client.PostAsJsonAsync(path, body, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    [GeneratedRegex(@"Now listening on: (?<address>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
