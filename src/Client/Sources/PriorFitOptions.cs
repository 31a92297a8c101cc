namespace AdaptCluster.Client.Sources;

/// <summary>How a fleet prior is learned.</summary>
public sealed class PriorFitOptions
{
    /// <summary>One scale for all parameters instead of one per block. Default false.</summary>
    public bool SingleScale { get; init; }

    /// <summary>The most rows of one task that enter the evidence. Default 256.</summary>
    public int MaxRowsPerTask { get; init; } = 256;

    /// <summary>The most iterations of the optimiser. Default 100.</summary>
    public int MaxIterations { get; init; } = 100;

    /// <summary>Seeds the sample of rows of larger tasks. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Every output is adapted on its own, on the features that the network's outputs share, instead of all together: for many outputs. Default false.
    /// </summary>
    public bool IndependentOutputs { get; init; }

    /// <summary>
    /// How many directions, with a shift, are learned beside the scales: in what tasks differ beyond the layers' scales. 0, the default, for neither; null
    /// for what explains held-out tasks best. They need some hundred tasks.
    /// </summary>
    public int? Rank { get; init; } = 0;

    /// <summary>
    /// Names the fit: a call that is repeated with the same name, also by another process, joins the fit under way or gets the prior that it gave. Default:
    /// a new name for every call.
    /// </summary>
    public Guid? Fit { get; init; }

    /// <summary>
    /// Whether it is learned how far tasks differ in noise and overall scale, so that a task with much data gets its own. Default true; that they do not is a
    /// result, too.
    /// </summary>
    public bool LearnsSpread { get; init; } = true;
}
