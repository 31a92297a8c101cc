using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>Whether a part's answer can be computed with: its numbers fit the question, and are numbers.</summary>
internal static class EvidenceChecks
{
    /// <summary>How far the sum may be from that of the tasks' own evidence, relative to their sizes: rounding.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Reads what a part says of its tasks.</summary>
    /// <exception cref="InvalidDataException">It does not say that of its tasks; the message completes "it answered with ...".</exception>
    public static EvidenceMembers Members(byte[] answer, NetworkSpec spec, int tasks)
    {
        EvidenceMembers members = EvidenceBytes.ReadMembers(answer);
        Require(members.Tasks.Length == tasks, $"{members.Tasks.Length} tasks instead of {tasks}");
        Require(members.Least.Length == spec.Outputs && members.Largest.Length == spec.Outputs, "ranges of another number of outputs");
        Require(members.Tasks.All(task => task.Excluded is not null || task.BlockTraces.Length == spec.Blocks.Length), "traces of another number of blocks");
        return members;
    }

    /// <summary>Reads a part's evidence.</summary>
    /// <param name="answer">What it answered.</param>
    /// <param name="spec">The network.</param>
    /// <param name="prior">The prior that was asked for.</param>
    /// <param name="heldOut">The tasks that were to be in no sum.</param>
    /// <param name="first">The part's first task.</param>
    /// <param name="tasks">How many it has.</param>
    /// <exception cref="InvalidDataException">It is none of this part under this prior; the message completes "it answered with ...".</exception>
    public static FleetEvidenceValue Evidence(byte[] answer, NetworkSpec spec, Prior prior, IReadOnlySet<int> heldOut, int first, int tasks)
    {
        FleetEvidenceValue value = EvidenceBytes.ReadValue(answer);
        EvidenceGradient gradient = value.Sum.Gradient;
        int q = prior.BlockScales.Length + prior.NoiseVariance.Length;
        Require(gradient.LogBlockScales.Length == prior.BlockScales.Length && gradient.LogNoiseVariance.Length == prior.NoiseVariance.Length, "a gradient of the wrong length");
        Require(value.Information.Length == q * q, "an information matrix of the wrong size");
        Require(value.Moves.Length == (prior.HasMoves ? spec.ParameterCount * (prior.RankOf(spec) + 1) : 0), "derivatives with respect to the directions of the wrong length");
        int last = first - 1;
        foreach (TaskScore task in value.Tasks)
        {
            Require(task.Task > last && task.Task < first + tasks, "tasks of another part");
            last = task.Task;
        }

        TaskScore[] summed = [.. value.Tasks.Where(task => !heldOut.Contains(task.Task))];
        Require(value.Sum.Observations == summed.Sum(task => task.Observations), "a number of observations that is not its tasks'");

        // A covariance that cannot be factorised is an answer: the optimiser steps back. Any other number that is none is a fault.
        if (Array.TrueForAll(summed, task => double.IsFinite(task.LogEvidence)))
        {
            double size = 1 + summed.Sum(task => Math.Abs(task.LogEvidence));
            Require(Math.Abs(value.Sum.LogEvidence - summed.Sum(task => task.LogEvidence)) <= Rounding * size, "an evidence that is not the sum of its tasks'");
            bool isFinite = gradient.LogBlockScales.All(double.IsFinite) && gradient.LogNoiseVariance.All(double.IsFinite)
                && value.Information.All(double.IsFinite) && value.Moves.All(double.IsFinite);
            Require(isFinite, "numbers that are not finite");
        }

        return value;
    }

    /// <summary>Reads what the spreads are learned from.</summary>
    /// <exception cref="InvalidDataException">It is not that of its tasks; the message completes "it answered with ...".</exception>
    public static TaskSpectra?[] Spectra(byte[] answer, int tasks)
    {
        TaskSpectra?[] spectra = EvidenceBytes.ReadSpectra(answer);
        Require(spectra.Length == tasks, $"{spectra.Length} tasks instead of {tasks}");
        return spectra;
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
