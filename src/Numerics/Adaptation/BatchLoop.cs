using TorchSharp;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>Independent entries of a batch on as many threads as torch has now: whoever planned the work chose them for all of it.</summary>
internal static class BatchLoop
{
    private const int WorthSharing = 8; // entries; below it another thread costs more than it brings

    /// <summary>Runs entries 0 to <paramref name="count"/> - 1, each once.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="makeRoom">Makes what one thread needs.</param>
    /// <param name="run">Runs an entry; calls no torch, and does not throw.</param>
    internal static void Run<TRoom>(int count, Func<TRoom> makeRoom, Action<TRoom, int> run)
    {
        int threads = torch.get_num_threads();
        if (count < WorthSharing || threads == 1)
        {
            TRoom room = makeRoom();
            for (int i = 0; i < count; i++)
            {
                run(room, i);
            }

            return;
        }

        Parallel.For(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            makeRoom,
            (i, _, room) =>
            {
                run(room, i);
                return room;
            },
            _ => { });
    }
}
