using AdaptCluster.Bench;
using AdaptCluster.Bench.Scenarios;
using AdaptCluster.Numerics.Tensors;

// dotnet run --project bench -c Release -- SCENARIO [--json] [options of the scenario]
var scenarios = new Dictionary<string, Func<BenchOptions, Task<ScenarioReport>>>(StringComparer.Ordinal)
{
    ["kernel"] = _ => Task.FromResult(KernelScenario.Run()),
    ["fewshot"] = _ => FewShotScenario.RunAsync(),
    ["solve"] = SolveScenario.RunAsync,
    ["peers"] = PeersScenario.RunAsync,
};
bool json = args.Contains("--json");
string[] rest = [.. args.Where(argument => argument != "--json")];
if (rest.Length == 0 || !scenarios.TryGetValue(rest[0], out Func<BenchOptions, Task<ScenarioReport>>? run))
{
    await Console.Error.WriteLineAsync($"usage: dotnet run --project bench -c Release -- {string.Join('|', scenarios.Keys)} [--json] [options]");
    return 2;
}

TorchRuntime.Initialise();
ScenarioReport report = await run(new BenchOptions(rest[1..]));
Console.WriteLine(json ? report.ToJson() : report.ToText());
return 0;
