using AdaptCluster.Numerics.Baselines;

namespace AdaptCluster.Numerics.Choices;

/// <summary>A model that was chosen among candidates.</summary>
internal interface IChoosingModel : ITaskModel
{
    /// <summary>The likeliest candidate's name; <see cref="CandidateNames.None"/> is to abstain.</summary>
    string Choice { get; }
}
