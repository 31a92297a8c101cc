namespace AdaptCluster.Cli.Tables;

/// <summary>The inputs of a network for every row of a table.</summary>
/// <param name="Values">Rows x Width, row by row, in the data's own units.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Width">The number of inputs of one row.</param>
internal sealed record EncodedFeatures(double[] Values, int Rows, int Width);
