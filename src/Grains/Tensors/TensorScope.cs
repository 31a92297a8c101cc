using System.Security.Cryptography;
using System.Text;
using AdaptCluster.Grains.Interfaces.Naming;

namespace AdaptCluster.Grains.Tensors;

/// <summary>A part of the tensor store with a life of its own.</summary>
/// <param name="Path">Where it is, relative to the store; safe as a path.</param>
/// <param name="IsDurable">Whether what is put there is on disk before it is acknowledged.</param>
public readonly record struct TensorScope(string Path, bool IsDurable)
{
    /// <summary>Trained networks. Shared by all tenants; the content is the name.</summary>
    public static TensorScope Models { get; } = new("models", IsDurable: true);

    /// <summary>Learned shifts and directions of priors. Shared by all tenants; the content is the name.</summary>
    public static TensorScope Priors { get; } = new("priors", IsDurable: true);

    /// <summary>Rows that sources have learned from. Shared by all tenants; the content is the name.</summary>
    public static TensorScope References { get; } = new("references", IsDurable: true);

    /// <summary>Parts of an upload that a long operation is about to read; swept after a day.</summary>
    public static TensorScope Staging(Guid upload) => new($"staging/{upload:N}", IsDurable: false);

    /// <summary>What a fit of a source's prior has computed so far, deleted when it ends.</summary>
    public static TensorScope PriorFit(SourceKey source, Guid fit) => new($"fits/{FolderOf(source)}/{fit:N}", IsDurable: true);

    /// <summary>One task's large observation batches, deleted with the task.</summary>
    public static TensorScope Observations(TaskKey task) => new($"observations/{FolderOf(task)}", IsDurable: true);

    /// <summary>What all iterative solves of a task keep until they end.</summary>
    public static TensorScope Solves(TaskKey task) => new($"solves/{FolderOf(task)}", IsDurable: true);

    /// <summary>One solve's checkpoints, and those rows that the task keeps in its own record.</summary>
    public static TensorScope Solve(TaskKey task, Guid solve) => new($"solves/{FolderOf(task)}/{solve:N}", IsDurable: true);

    /// <summary>One task's posteriors from iterative solves.</summary>
    public static TensorScope Posteriors(TaskKey task) => new($"posteriors/{FolderOf(task)}", IsDurable: true);

    /// <summary>One panel's inputs, and in scopes within it its batches and solutions; deleted with the panel.</summary>
    public static TensorScope Panel(PanelKey panel) => new($"panels/{FolderOf(panel)}", IsDurable: true);

    /// <summary>One batch of a panel, deleted when all of its targets have newer ones.</summary>
    public static TensorScope PanelBatch(PanelKey panel, int batch) => new($"{Panel(panel).Path}/batch-{batch}", IsDurable: true);

    /// <summary>One block's solutions, deleted when all of its targets have newer ones.</summary>
    public static TensorScope PanelBlock(PanelKey panel, int block) => new($"{Panel(panel).Path}/block-{block}", IsDurable: true);

    private static string FolderOf(object key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString()!)).AsSpan(0, 16));
}
