namespace AdaptCluster.Numerics.Training;

/// <summary>How the learning rate goes on over the epochs.</summary>
public enum LearningRateSchedule
{
    /// <summary>From the learning rate to 0 along half a cosine, step by step (Loshchilov and Hutter, SGDR, 2017, without restarts).</summary>
    Cosine,

    /// <summary>The same in every step.</summary>
    Constant,
}
