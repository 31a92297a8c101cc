using System.Text.Json;
using System.Text.RegularExpressions;
using AdaptCluster.Silo.Configuration;
using AdaptCluster.Silo.Health;
using AdaptCluster.Silo.Stores;
using YamlDotNet.RepresentationModel;

namespace AdaptCluster.Architecture.Tests;

/// <summary>What is in deploy agrees with the code and with itself: options, ports, paths, images, metrics.</summary>
public sealed partial class DeploymentTests
{
    private const string Compose = "compose/compose.yaml";

    private static readonly string s_folder = Path.Combine(Sources.Root, "deploy");

    /// <summary>Suffixes that the exporter adds to a metric's name, by unit and kind.</summary>
    private static readonly string[] s_suffixes = ["_total", "_bucket", "_sum", "_count", "_seconds", "_bytes", "_ratio"];

    public static TheoryData<string> YamlFiles => new(
        Directory.EnumerateFiles(s_folder, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_folder, file)));

    public static TheoryData<string> Manifests => new("kubernetes/silo.yaml", "kubernetes/silo-gpu.yaml");

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void Yaml_All_CanBeRead(string file) => Assert.NotEmpty(Documents(file));

    [Fact]
    public void Variables_OfEveryFile_AreOptionsOfASilo()
    {
        HashSet<string> known = [.. SiloOptions.All.Select(option => option.Variable), "ADAPT_LIBTORCH"];
        string[] named = [.. Directory.EnumerateFiles(s_folder, "*", SearchOption.AllDirectories)
            .SelectMany(file => Variable().Matches(File.ReadAllText(file)).Select(match => match.Value)).Distinct()];

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(known));
    }

    [Fact]
    public void SettingsFile_OfTheService_IsTakenByASilo() => Assert.Equal(
        (30_000, 8_080),
        SiloConfiguration.Load(new Dictionary<SiloOption, string> { [SiloOptions.Config] = Path.Combine(s_folder, "systemd", "silo.json") })
            is var settings ? (settings.Port, settings.HealthPort ?? 0) : default);

    [Fact]
    public void Ports_OfTheImage_AreThoseOfItsVariables()
    {
        string[] words = Read("Dockerfile").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        int exposed = Array.IndexOf(words, "EXPOSE") + 1;

        Assert.Equal(
            ((string[])["ADAPT_PORT", "ADAPT_SILO_PORT", "ADAPT_HEALTH_PORT"])
                .Select(name => words.Single(word => word.StartsWith($"{name}=", StringComparison.Ordinal)).Split('=')[1]),
            words[exposed..(exposed + 3)]);
    }

    [Fact]
    public void Image_RunsAs_SomebodyWithoutRights() => Assert.Matches(@"\nUSER 10001:10001\n", Read("Dockerfile"));

    [Fact]
    public void Compose_Silos_HaveThePortsFoldersAndImageThatTheImageHas()
    {
        YamlMappingNode services = Map(Single(Compose)["services"]);
        foreach (string name in (string[])["silo-1", "silo-2", "silo-3"])
        {
            YamlMappingNode silo = Merged(Map(services[name])), environment = Merged(Map(silo["environment"]));
            Assert.Equal("adaptcluster:0.1.0", Text(silo["image"]));
            Assert.Equal(name, Text(environment["ADAPT_ADDRESS"]));
            Assert.Equal(name, Text(silo["hostname"]));
            Assert.Equal("redis:6379", Text(environment["ADAPT_REDIS"]));
            Assert.Contains($"tensors:{Text(environment["ADAPT_TENSORS"])}", Items(silo["volumes"]).Select(Text));
            Assert.Contains($"/dev/tcp/127.0.0.1/{Text(environment["ADAPT_HEALTH_PORT"])}; printf 'GET {HealthEndpoint.ReadyPath} ", Text(Items(Map(silo["healthcheck"])["test"])[^1]), StringComparison.Ordinal);
            Assert.True(Seconds(silo["stop_grace_period"]) > int.Parse(Text(environment["ADAPT_DRAIN_SECONDS"])) + 5);
            foreach (string variable in (string[])["ADAPT_PORT", "ADAPT_SILO_PORT", "ADAPT_HEALTH_PORT"])
            {
                Assert.Contains($"{variable}={Text(environment[variable])}", Read("Dockerfile"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Redis_Everywhere_KeepsWhatASiloDemands()
    {
        string[] inCompose = [.. Items(Map(Map(Single(Compose)["services"])["redis"])["command"]).Select(Text)];
        string[] inKubernetes = [.. Items(Container(Documents("kubernetes/redis.yaml").Single(IsSet))["args"]).Select(Text)];

        foreach ((string name, string value) in RedisDurability.Required)
        {
            Assert.Equal(value, inCompose[Array.IndexOf(inCompose, $"--{name}") + 1]);
            Assert.Equal(value, inKubernetes[Array.IndexOf(inKubernetes, $"--{name}") + 1]);
        }
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Kubernetes_Silos_PortsProbesPathsAndTimesAgree(string file)
    {
        YamlMappingNode set = Documents(file).Single(IsSet), pod = Map(Map(Map(set["spec"])["template"])["spec"]), silo = Container(set);
        Dictionary<string, string> environment = Items(silo["env"]).Select(Map).Where(entry => entry.Children.ContainsKey("value"))
            .ToDictionary(entry => Text(entry["name"]), entry => Text(entry["value"]), StringComparer.Ordinal);
        Dictionary<string, string> ports = Items(silo["ports"]).Select(Map).ToDictionary(port => Text(port["name"]), port => Text(port["containerPort"]), StringComparer.Ordinal);

        Assert.Equal((environment["ADAPT_PORT"], environment["ADAPT_SILO_PORT"], environment["ADAPT_HEALTH_PORT"]), (ports["gateway"], ports["silo"], ports["health"]));
        foreach ((string probe, string path) in ((string, string)[])[("startupProbe", HealthEndpoint.ReadyPath), ("readinessProbe", HealthEndpoint.ReadyPath), ("livenessProbe", HealthEndpoint.LivePath)])
        {
            YamlMappingNode get = Map(Map(silo[probe])["httpGet"]);
            Assert.Equal((path, "health"), (Text(get["path"]), Text(get["port"])));
        }

        Assert.Contains(environment["ADAPT_TENSORS"], Items(silo["volumeMounts"]).Select(mount => Text(Map(mount)["mountPath"])));
        Assert.True(int.Parse(Text(pod["terminationGracePeriodSeconds"])) > int.Parse(environment["ADAPT_DRAIN_SECONDS"]) + 5);
        Assert.Equal("false", Text(pod["enableServiceLinks"]));
        Assert.Equal("true", Text(Map(pod["securityContext"])["runAsNonRoot"]));
        Assert.StartsWith("adaptcluster:0.1.0", Text(silo["image"]), StringComparison.Ordinal);
        Assert.Equal("adapt-redis:6379", environment["ADAPT_REDIS"]);
        Assert.Contains(Documents("kubernetes/redis.yaml"), document => Text(document["kind"]) == "Service" && Text(Map(document["metadata"])["name"]) == "adapt-redis");
    }

    [Fact]
    public void Kubernetes_Silos_AreDisruptedOneAtATime()
    {
        YamlMappingNode budget = Documents("kubernetes/silo.yaml").Single(document => Text(document["kind"]) == "PodDisruptionBudget");

        Assert.Equal("1", Text(Map(budget["spec"])["maxUnavailable"]));
        Assert.Equal("adapt-silo", Text(Map(Map(Map(budget["spec"])["selector"])["matchLabels"])["app"]));
    }

    [Fact]
    public void Images_Everywhere_HaveOneVersionEach()
    {
        IEnumerable<string> images = Directory.EnumerateFiles(s_folder, "*.yaml", SearchOption.AllDirectories)
            .SelectMany(file => ValuesOf("image: ", File.ReadAllText(file)));

        foreach (IGrouping<string, string> image in images.Where(image => !image.EndsWith("-cuda", StringComparison.Ordinal)).GroupBy(image => image.Split(':')[0]))
        {
            Assert.Single(image.Distinct());
            Assert.All(image, name => Assert.Contains(':', name));
        }
    }

    [Fact]
    public void Metrics_OfDashboardAndAlerts_AreThoseOfTheCode()
    {
        HashSet<string> made = [.. Metric().Matches(Sources.Read("Grains", "Telemetry/AdaptInstruments.cs")).Select(match => match.Groups["name"].Value.Replace('.', '_'))];
        string[] queries = [Read("compose/alerts.yaml"), .. Expressions()];
        string[] named = [.. queries.SelectMany(query => Series().Matches(query).Select(match => match.Value)).Distinct()];

        Assert.True(made.Count > 15 && named.Length > 15, "metrics were not found");
        Assert.All(named, name => Assert.Contains(Stem(name, made), made));
        string page = File.ReadAllText(Path.Combine(Sources.Root, "docs", "operations.md"));
        Assert.All(made, name => Assert.True(named.Any(used => Stem(used, made) == name) || page.Contains(name.Replace('_', '.'), StringComparison.Ordinal), name));
    }

    [Fact]
    public void Operations_Page_NamesEveryOptionAlertAndMetric()
    {
        string page = File.ReadAllText(Path.Combine(Sources.Root, "docs", "operations.md"));

        Assert.All(SiloOptions.All, option => Assert.Contains($"`{option.Flag}`", page, StringComparison.Ordinal));
        Assert.All(ValuesOf("alert: ", Read("compose/alerts.yaml")), alert => Assert.Contains($"`{alert}`", page, StringComparison.Ordinal));
        Assert.All(
            Metric().Matches(Sources.Read("Grains", "Telemetry/AdaptInstruments.cs")).Select(match => match.Groups["name"].Value),
            metric => Assert.Contains($"`{metric}`", page, StringComparison.Ordinal));
    }

    /// <summary>What stands behind a key, on each of its lines.</summary>
    private static IEnumerable<string> ValuesOf(string key, string text) => text.Split('\n')
        .Where(line => line.Contains(key, StringComparison.Ordinal)).Select(line => line[(line.IndexOf(key, StringComparison.Ordinal) + key.Length)..].Trim());

    private static string Stem(string series, HashSet<string> made)
    {
        string name = series;
        while (!made.Contains(name) && s_suffixes.FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix)
        {
            name = name[..^suffix.Length];
        }

        return name;
    }

    private static IEnumerable<string> Expressions()
    {
        using JsonDocument dashboard = JsonDocument.Parse(Read("compose/grafana/dashboards/adaptcluster.json"));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!)];
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(s_folder, file));

    private static YamlMappingNode[] Documents(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Read(file)));
        return [.. stream.Documents.Select(document => Map(document.RootNode))];
    }

    private static YamlMappingNode Single(string file) => Assert.Single(Documents(file));

    private static bool IsSet(YamlMappingNode document) => Text(document["kind"]) == "StatefulSet";

    private static YamlMappingNode Container(YamlMappingNode set) =>
        Map(Assert.Single(Items(Map(Map(Map(set["spec"])["template"])["spec"])["containers"])));

    /// <summary>With what its merge key brings.</summary>
    private static YamlMappingNode Merged(YamlMappingNode node)
    {
        var merged = new YamlMappingNode();
        IEnumerable<KeyValuePair<YamlNode, YamlNode>> own = node.Children.Where(entry => Text(entry.Key) != "<<");
        IEnumerable<KeyValuePair<YamlNode, YamlNode>> brought = node.Children.TryGetValue("<<", out YamlNode? others) ? Map(others).Children : [];
        foreach (KeyValuePair<YamlNode, YamlNode> entry in own.Concat(brought))
        {
            merged.Children.TryAdd(entry.Key, entry.Value);
        }

        return merged;
    }

    private static YamlMappingNode Map(YamlNode node) => (YamlMappingNode)node;

    private static IList<YamlNode> Items(YamlNode node) => ((YamlSequenceNode)node).Children;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static int Seconds(YamlNode node) => int.Parse(Text(node).TrimEnd('s'));

    [GeneratedRegex(@"\bADAPT_[A-Z_]+[A-Z]\b", RegexOptions.None, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex("\"(?<name>adapt\\.[a-z.]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();

    [GeneratedRegex(@"\badapt_[a-z_]+\b", RegexOptions.None, 1000)]
    private static partial Regex Series();
}
