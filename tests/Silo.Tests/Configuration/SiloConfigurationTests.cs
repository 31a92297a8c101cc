using System.Collections;
using System.Net;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.Configuration;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.Configuration;

/// <summary>Flags before environment before file; whatever is wrong is said with its place.</summary>
public sealed class SiloConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_NothingGiven_Defaults()
    {
        SiloSettings settings = Load([], []);

        Assert.Equal((null, 0, 0, null, 25), (settings.DataDirectory, settings.Port, settings.SiloPort, settings.HealthPort, settings.DrainSeconds));
        Assert.Equal(IPAddress.Loopback, settings.Address);
        Assert.Null(settings.Listen);
    }

    [Fact]
    public void Load_AllThreeGive_FlagBeforeVariableBeforeFile()
    {
        string file = Write("""{ "Adapt": { "Port": 30001, "SiloPort": 11111, "dataDir": "from-file", "Threads": "2" } }""");

        SiloSettings settings = Load(
            [(SiloOptions.Port, "30003")],
            [("ADAPT_CONFIG", file), ("ADAPT_PORT", "30002"), ("ADAPT_SILO_PORT", "11112")]);

        Assert.Equal((30003, 11112, "from-file", 2), (settings.Port, settings.SiloPort, settings.DataDirectory, settings.Device.Threads));
    }

    [Fact]
    public void Load_EveryOptionInAFile_IsTaken()
    {
        string file = Write("""
            {
              "Logging": { "of": "others" },
              // Comments are allowed.
              "Adapt": {
                "Redis": "store:6379", "Tensors": "shared", "AllowVolatileStore": true, "Address": "10.1.2.3", "Listen": "any", "Port": 30000,
                "SiloPort": 11111, "HealthPort": 8080, "DrainSeconds": 40, "Device": "cuda:1", "Threads": 3, "SolveMemoryMb": 512, "TelemetryConsole": false,
              }
            }
            """);

        SiloSettings settings = Load([(SiloOptions.Config, file)], []);

        Assert.Equal(("store:6379", "shared", true), (settings.Redis, settings.TensorDirectory, settings.AllowVolatileStore));
        Assert.Equal((IPAddress.Parse("10.1.2.3"), IPAddress.Any), (settings.Address, settings.Listen));
        Assert.Equal((30000, 11111, 8080, 40), (settings.Port, settings.SiloPort, settings.HealthPort, settings.DrainSeconds));
        Assert.Equal(("cuda:1", 3, 512L << 20), (settings.Device.Name, settings.Device.Threads, settings.Device.SolveMemoryBytes));
    }

    [Theory]
    [InlineData("ADAPT_PORT", "many", "ADAPT_PORT: 'many' is no whole number; give one, as in 1.")]
    [InlineData("ADAPT_PORT", "70000", "ADAPT_PORT (--port): 70000 is no port; give a number from 1 to 65535, or 0 for any free one.")]
    [InlineData("ADAPT_HEALTH_PORT", "-1", "ADAPT_HEALTH_PORT (--health-port): -1 is no port; give a number from 1 to 65535, or 0 for any free one.")]
    [InlineData("ADAPT_THREADS", "0", "ADAPT_THREADS (--threads): it is 0; give at least 1.")]
    [InlineData("ADAPT_LISTEN_PORT", "5", "ADAPT_LISTEN_PORT (--listen-port): it goes with a port that is known to others; give both, it and --port.")]
    [InlineData("ADAPT_DRAIN_SECONDS", "1000", "ADAPT_DRAIN_SECONDS (--drain-seconds): it is 1000; give a number from 1 to 110.")]
    [InlineData("ADAPT_ALLOW_VOLATILE_STORE", "perhaps", "ADAPT_ALLOW_VOLATILE_STORE: 'perhaps' is neither true nor false; use one of them.")]
    [InlineData("ADAPT_ADDRESS", "0.0.0.0", "ADAPT_ADDRESS (--address): nobody can connect to 0.0.0.0; give this machine's own address, and 'any' to --listen.")]
    [InlineData("ADAPT_ADDRESS", "nobody.invalid", "ADAPT_ADDRESS: 'nobody.invalid' is no address and no host that is known here; give an address of this machine, as in 10.0.0.5.")]
    public void Load_VariableThatCannotBeUsed_ErrorNamesItAndTheRemedy(string name, string value, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidInputException>(() => Load([], [(name, value)])).Message);

    [Fact]
    public void Load_StoreOfAnotherSilo_IsTaken()
    {
        SiloSettings settings = Load(
            [(SiloOptions.Join, "10.1.2.3:6400"), (SiloOptions.StoreSecret, "secret"), (SiloOptions.Address, "10.1.2.4")], []);

        Assert.Equal(("10.1.2.3:6400", "secret", null), (settings.Join, settings.StoreSecretFile, settings.StorePort));
    }

    [Fact]
    public void Load_StoreOpenedToOthers_OnlyToThisMachineWithoutASecret()
    {
        Assert.Equal(6400, Load([(SiloOptions.StorePort, "6400")], []).StorePort);
        Assert.Equal(6400, Load([(SiloOptions.StorePort, "6400"), (SiloOptions.Address, "10.1.2.3"), (SiloOptions.StoreSecret, "secret")], []).StorePort);
        Assert.Equal(
            "--store-port: whoever reaches 10.1.2.3 could read and change everything; name a file with a secret by --store-secret, at all silos.",
            Assert.Throws<InvalidInputException>(() => Load([(SiloOptions.StorePort, "6400"), (SiloOptions.Address, "10.1.2.3")], [])).Message);
        Assert.Equal(
            "--store-port: with --redis there is no store of the silo's own; leave it out.",
            Assert.Throws<InvalidInputException>(
                () => Load([(SiloOptions.StorePort, "6400"), (SiloOptions.Redis, "r:1"), (SiloOptions.Tensors, "t")], [])).Message);
    }

    [Theory]
    [InlineData("""{ "Adapt": { "Prot": 1 } }""", "has a setting \"Prot\" that is none; use DataDir, Redis, ")]
    [InlineData("""{ "Adapt": { "Port": [1] } }""", "it is no text, number, true or false; give one of these")]
    [InlineData("""{ "Other": {} }""", "has no section \"Adapt\"; write one, as in ")]
    [InlineData("[1", "is no JSON (line 1); mend it")]
    [InlineData("""{ "Adapt": { "Port": 70000 } }""", "(--port): 70000 is no port; ")]
    public void Load_FileThatCannotBeUsed_ErrorNamesItAndTheRemedy(string content, string message)
    {
        string file = Write(content);

        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Load([(SiloOptions.Config, file)], []));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileThatIsNotThere_ErrorNamesIt() => Assert.StartsWith(
        $"--config: '{_folder["none"]}' cannot be read (",
        Assert.Throws<InvalidInputException>(() => Load([(SiloOptions.Config, _folder["none"])], [])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Load_TwoPortsAreTheSame_Refused() => Assert.Equal(
        "--port: two of --port, --silo-port, --health-port and --store-port are the same; give each one of its own.",
        Assert.Throws<InvalidInputException>(() => Load([(SiloOptions.Port, "8000"), (SiloOptions.HealthPort, "8000")], [])).Message);

    [Fact]
    public void Load_VariablesOfThePrefixThatAreNone_Warned()
    {
        Load([], [("ADAPT_PROT", "1"), ("ADAPT_LIBTORCH", "/opt"), ("OTHER", "x")]);

        Assert.Equal(["ADAPT_PROT is not an option of a silo and is passed over"], _warnings);
    }

    [Fact]
    public void Parse_CommandLine_FlagsAndSwitches()
    {
        IReadOnlyDictionary<SiloOption, string> given = SiloArguments.Parse(["--port", "1", "--allow-volatile-store", "--data-dir", "d"]);

        Assert.Equal(
            [(SiloOptions.Port, "1"), (SiloOptions.AllowVolatileStore, "True"), (SiloOptions.DataDirectory, "d")],
            given.Select(entry => (entry.Key, entry.Value)));
        Assert.StartsWith(
            "'--prot': it is no option or lacks its value; use [--config VALUE] ",
            Assert.Throws<InvalidInputException>(() => SiloArguments.Parse(["--prot", "1"])).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => SiloArguments.Parse(["--port"]));
    }

    private SiloSettings Load((SiloOption Option, string Value)[] flags, (string Name, string Value)[] environment) => SiloConfiguration.Load(
        flags.ToDictionary(flag => flag.Option, flag => flag.Value),
        (IDictionary)environment.ToDictionary(entry => entry.Name, entry => entry.Value),
        _warnings.Add);

    private string Write(string content)
    {
        File.WriteAllText(_folder["silo.json"], content);
        return _folder["silo.json"];
    }
}
