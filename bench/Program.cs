using System.Runtime.InteropServices;
using AdaptCluster.Bench;
using AdaptCluster.Bench.Scenarios;
using AdaptCluster.Numerics.Tensors;

// dotnet run --project bench -c Release -- SCENARIO [--short] [--kills N] [--data FILE] [--figure FILE] [--rows N] [--tasks N] [--part NAME]
//   [--minutes N] [--store redis|embedded] [--json]
var scenarios = new Dictionary<string, Func<ScenarioOptions, CancellationToken, Task<ScenarioReport>>>(StringComparer.Ordinal)
{
    ["kernel"] = (_, _) => Task.FromResult(KernelScenario.Run()),
    ["fewshot"] = (options, _) => FewShotScenario.RunAsync(options),
    ["serve"] = ServeScenario.RunAsync,
    ["solve"] = (options, _) => SolveScenario.RunAsync(options),
    ["compare"] = CompareScenario.RunAsync,
    ["peers"] = (options, _) => PeersScenario.RunAsync(options),
    ["prior"] = (options, _) => PriorScenario.RunAsync(options),
    ["directions"] = (options, _) => Task.FromResult(DirectionsScenario.Run(options)),
    ["solve-faults"] = SolveFaultsScenario.RunAsync,
    ["solve-cluster"] = SolveClusterScenario.RunAsync,
    ["solve-concurrency"] = SolveConcurrencyScenario.RunAsync,
    ["chaos"] = ChaosScenario.RunAsync,
    ["scale"] = ScaleScenario.RunAsync,
    ["recovery"] = RecoveryScenario.RunAsync,
    ["store-faults"] = StoreFaultsScenario.RunAsync,
    ["overload"] = OverloadScenario.RunAsync,
};
bool json = args.Contains("--json");
ScenarioOptions? options = ScenarioOptions.Parse([.. args.Where(argument => argument != "--json")], out string[] names);
if (options is null || names.Length != 1 || !scenarios.TryGetValue(names[0], out Func<ScenarioOptions, CancellationToken, Task<ScenarioReport>>? run))
{
    await Console.Error.WriteLineAsync(
        $"usage: dotnet run --project bench -c Release -- {string.Join('|', scenarios.Keys)} [--short] [--kills N] [--data FILE] [--figure FILE] [--rows N] [--tasks N] [--part NAME] [--minutes N] [--store redis|embedded] [--json]");
    return 2;
}

// Whoever ends this ends the processes that it started too: they are ended where the scenario is unwound.
using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
TorchRuntime.Initialise();
try
{
    ScenarioReport report = await run(options, stop.Token);
    Console.WriteLine(json ? report.ToJson() : report.ToText());
    return report.IsBroken ? 1 : 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
