namespace AdaptCluster.Cli.Figures;

/// <summary>The methods that are compared; each has its own colour, marker and place in the legend.</summary>
internal enum LearningCurveMethod
{
    /// <summary>The source network as it is.</summary>
    None,

    /// <summary>The source network shifted by the mean residual.</summary>
    MeanShift,

    /// <summary>The source network with its last layer adapted.</summary>
    LastLayer,

    /// <summary>The adapted model.</summary>
    Adapted,
}
