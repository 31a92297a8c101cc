using AdaptCluster.Bench;
using AdaptCluster.Bench.Scenarios;
using AdaptCluster.Numerics.Tensors;

// dotnet run --project bench -c Release -- SCENARIO [--json]
var scenarios = new Dictionary<string, Func<Task<ScenarioReport>>>(StringComparer.Ordinal)
{
    ["kernel"] = () => Task.FromResult(KernelScenario.Run()),
    ["fewshot"] = FewShotScenario.RunAsync,
};
bool json = args.Contains("--json");
string[] names = [.. args.Where(argument => argument != "--json")];
if (names.Length != 1 || !scenarios.TryGetValue(names[0], out Func<Task<ScenarioReport>>? run))
{
    await Console.Error.WriteLineAsync($"usage: dotnet run --project bench -c Release -- {string.Join('|', scenarios.Keys)} [--json]");
    return 2;
}

TorchRuntime.Initialise();
ScenarioReport report = await run();
Console.WriteLine(json ? report.ToJson() : report.ToText());
return 0;
