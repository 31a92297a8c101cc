using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Tensors;

namespace AdaptCluster.Grains.Devices;

/// <summary>The device that a silo computes on, and what it may use of it.</summary>
public sealed class DeviceOptions
{
    private const long MinSolveMemoryBytes = 1L << 20;

    /// <summary>The device: cpu, cuda or cuda:N. Default: cpu.</summary>
    public string Name { get; set; } = "cpu";

    /// <summary>Threads inside one tensor operation. Default: the processors of the machine.</summary>
    public int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>The most operations that wait for the device; more are refused. Default 8,192.</summary>
    public int MaxQueuedOperations { get; set; } = 8_192;

    /// <summary>Bytes of device memory for source networks that stay loaded. Default 512 MiB.</summary>
    public long NetworkCacheBytes { get; set; } = 512L << 20;

    /// <summary>Bytes of device memory for posteriors that stay factorised. Default 1 GiB.</summary>
    public long PosteriorCacheBytes { get; set; } = 1L << 30;

    /// <summary>Bytes of managed memory for source models read from the tensor store. Default 512 MiB.</summary>
    public long ModelCacheBytes { get; set; } = 512L << 20;

    /// <summary>
    /// Bytes of memory for iterative solves: their shards and coordinators reserve what their plan says before they
    /// allocate it. Default: half of the machine's memory.
    /// </summary>
    public long SolveMemoryBytes { get; set; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Checks what can be checked before the device is opened.</summary>
    /// <exception cref="InvalidInputException">A value cannot be used.</exception>
    public void Validate()
    {
        if (!TorchRuntime.IsDeviceName(Name))
        {
            throw new InvalidInputException("--device", $"'{Name}' is no device", "use cpu, cuda or cuda:N");
        }

        if (Threads < 1)
        {
            throw new InvalidInputException("--threads", $"it is {Threads}", "give at least 1");
        }

        if (SolveMemoryBytes < MinSolveMemoryBytes)
        {
            throw new InvalidInputException(
                "--solve-memory-mb", $"{SolveMemoryBytes >> 20} MB are too few for any solve", $"give at least {MinSolveMemoryBytes >> 20}");
        }
    }
}
