namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>What a node does with a tensor of its own.</summary>
internal enum ParameterRole
{
    /// <summary>Multiplies: of a linear map or a convolution.</summary>
    Weight,

    /// <summary>Is added to every position.</summary>
    Bias,

    /// <summary>Multiplies the normalised value of each channel.</summary>
    Scale,

    /// <summary>One row per index.</summary>
    Table,

    /// <summary>Is a value of its own.</summary>
    Value,

    /// <summary>A statistic of training.</summary>
    RunningMean,

    /// <summary>A statistic of training.</summary>
    RunningVariance,

    /// <summary>A constant.</summary>
    Constant,
}
