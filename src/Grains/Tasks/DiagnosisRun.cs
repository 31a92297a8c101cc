using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Diagnostics;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Tasks;

/// <summary>From a task's posterior and some of its rows to what is to be known about it.</summary>
internal sealed class DiagnosisRun(PosteriorRun posteriors, ObservationStore observations, SourceModelStore models, ReferenceStore references)
{
    /// <summary>Rows looked at: their kernel has an eigendecomposition, some tenths of a second.</summary>
    private const int MaxNumbers = 512;

    public async Task<TaskDiagnosis> DiagnoseAsync(
        TaskKey key, TargetTaskState state, StoredPosterior posterior, SourceDescription source, CancellationToken cancellationToken)
    {
        SourceModel model = await models.LoadAsync(posterior.ModelHash, cancellationToken);
        int outputs = model.Spec.Outputs;
        int rows = posterior.Description.Observations;
        TaskData sample = await observations.SampleAsync(
            key, state.Batches, rows, Math.Max(2, MaxNumbers / outputs), model.Spec.InputWidth, outputs, cancellationToken);
        RowMatrix? reference = await references.LoadAsync(source.ReferenceHash, model.Spec.InputWidth, cancellationToken);
        Diagnosis diagnosis = await posteriors.UseAsync(
            key, state, posterior, model, sample.Rows, (_, warm) => warm.Diagnose(sample, rows * outputs, reference), cancellationToken);
        return new TaskDiagnosis
        {
            Version = posterior.Description.Version,
            Rows = diagnosis.Rows,
            Gain = diagnosis.Gain,
            GainError = diagnosis.GainError,
            MeanSquaredError = diagnosis.MeanSquaredError,
            Levels = [.. diagnosis.Calibration.Select(point => point.Level)],
            Coverage = [.. diagnosis.Calibration.Select(point => point.Coverage)],
            LinearisationError = diagnosis.LinearisationError,
            Spectrum = diagnosis.Spectrum,
            EffectiveDimension = diagnosis.EffectiveDimension,
            FisherSimilarity = diagnosis.Similarity?.Fisher,
            ExplainedBySource = diagnosis.Similarity?.Explained,
        };
    }
}
