using AdaptCluster.Cli.Commands;

return await AdaptCommand.RunAsync(args);
