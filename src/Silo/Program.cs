using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo;
using AdaptCluster.Silo.Configuration;

// dotnet run --project src/Silo -- followed by options; the environment and a file may give them too.
try
{
    return await SharedSilo.RunAsync(SiloConfiguration.Load(SiloArguments.Parse(args), warning => Console.Error.WriteLine($"adapt silo: {warning}")));
}
catch (AdaptException error)
{
    await Console.Error.WriteLineAsync($"adapt silo: {error.Message}");
    return 2;
}
catch (Exception error)
{
    await Console.Error.WriteLineAsync(
        $"adapt silo: internal error: {error.GetType().Name}: {error.Message.Split('\n')[0]}; please report it with the lines below.");
    await Console.Error.WriteLineAsync(error.ToString());
    return 1;
}
