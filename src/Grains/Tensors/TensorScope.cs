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

    /// <summary>Parts of an upload that a long operation is about to read; swept after a day.</summary>
    public static TensorScope Staging(Guid upload) => new($"staging/{upload:N}", IsDurable: false);

    /// <summary>One task's large observation batches, deleted with the task.</summary>
    public static TensorScope Observations(TaskKey task) =>
        new($"observations/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(task.ToString())).AsSpan(0, 16))}", IsDurable: true);

    /// <summary>One panel's inputs, and in scopes within it its batches and solutions; deleted with the panel.</summary>
    public static TensorScope Panel(PanelKey panel) =>
        new($"panels/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(panel.ToString())).AsSpan(0, 16))}", IsDurable: true);

    /// <summary>One batch of a panel, deleted when all of its targets have newer ones.</summary>
    public static TensorScope PanelBatch(PanelKey panel, int batch) => new($"{Panel(panel).Path}/batch-{batch}", IsDurable: true);

    /// <summary>One block's solutions, deleted when all of its targets have newer ones.</summary>
    public static TensorScope PanelBlock(PanelKey panel, int block) => new($"{Panel(panel).Path}/block-{block}", IsDurable: true);
}
