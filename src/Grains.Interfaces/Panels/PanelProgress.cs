namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>Where the solve of a panel stands.</summary>
/// <param name="Phase">What it does; <see cref="PanelPhase.Idle"/> in the last.</param>
/// <param name="Block">Which block, counted from 1 over the panel's life; 0 before the first.</param>
/// <param name="Iteration">Steps of the recurrence so far.</param>
/// <param name="RelativeResidual">The largest |r| / |b| of all columns, as the recurrence has it; 1 before the first step.</param>
/// <param name="ActiveColumns">The targets of the block that still run.</param>
/// <param name="Columns">The targets of the block.</param>
[GenerateSerializer, Immutable, Alias("adapt.PanelProgress")]
public sealed record PanelProgress(
    [property: Id(0)] PanelPhase Phase,
    [property: Id(1)] int Block,
    [property: Id(2)] int Iteration,
    [property: Id(3)] double RelativeResidual,
    [property: Id(4)] int ActiveColumns,
    [property: Id(5)] int Columns);
