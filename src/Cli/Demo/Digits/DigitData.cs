using System.Collections.Immutable;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>
/// Rotated handwritten digits: the network learns the angle of the digits 0 to 5, the prior what other images and inverted ones of the same
/// digits look like, and the new tasks are the digits 6 to 9.
/// </summary>
internal sealed class DigitData
{
    private const double Range = 45; // degrees to either side
    private const int SourceDigits = 6;
    private const int SourceImages = 110; // of each source digit; the others are the prior's
    private const int SourceTurns = 12; // of each image
    private const int PriorTasks = 3; // of each source digit and family
    private const int PriorRows = 40;
    private const int TasksPerDigit = 2; // of each new digit and family
    private const int PoolImages = 100;
    private const int PoolTurns = 2;
    private const int TestTurns = 3;

    private readonly ILookup<int, DigitImage> _images;
    private readonly Random _random;

    private DigitData(ILookup<int, DigitImage> images, int seed)
    {
        _images = images;
        _random = new Random(seed);
    }

    /// <summary>The images that come with the program.</summary>
    public static string ShippedImages => Path.Combine(AppContext.BaseDirectory, "samples", "digits.csv.gz");

    /// <summary>The network that comes with the program, as JSON.</summary>
    public static string ShippedNetwork => Path.Combine(AppContext.BaseDirectory, "samples", "digits-network.json");

    /// <summary>One column of 64 pixels.</summary>
    public static InputSchema Schema { get; } = new([new InputColumn("pixels", ImmutableArray<string>.Empty) { Length = DigitImage.Side * DigitImage.Side }]);

    /// <summary>Reads the images and shuffles them.</summary>
    /// <exception cref="TableException">The file cannot be used.</exception>
    public static async Task<DigitData> ReadAsync(string path, int seed, CancellationToken cancellationToken)
    {
        Table table = await TableFile.ReadAsync(path, null, cancellationToken);
        double[][] columns = [.. Enumerable.Range(0, DigitImage.Side * DigitImage.Side).Select(pixel => table.Numbers($"p{pixel}"))];
        double[] digits = table.Numbers("digit");
        var random = new Random(seed);
        DigitImage[] images = [.. digits.Select((digit, row) => new DigitImage((int)digit, Array.ConvertAll(columns, column => column[row] / 16)))];
        random.Shuffle(images);
        return new DigitData(images.ToLookup(image => image.Digit), seed);
    }

    /// <summary>What the network is trained on.</summary>
    public LabelledRows Source() => Turn(Enumerable.Range(0, SourceDigits).SelectMany(digit => _images[digit].Take(SourceImages)), SourceTurns, DigitFamily.Rotated);

    /// <summary>What the prior is learned from: images that the network has not seen.</summary>
    public TaskRows[] Fleet() =>
    [
        .. from digit in Enumerable.Range(0, SourceDigits)
           from family in Enum.GetValues<DigitFamily>()
           from index in Enumerable.Range(0, PriorTasks)
           select new TaskRows($"{family}/{digit}/{index}", Turn(Shuffled(_images[digit].Skip(SourceImages)).Take(PriorRows), 1, family)),
    ];

    /// <summary>The new tasks: digits that neither network nor prior has seen.</summary>
    public DigitTask[] NewTasks() =>
    [
        .. from digit in Enumerable.Range(SourceDigits, 10 - SourceDigits)
           from family in Enum.GetValues<DigitFamily>()
           from index in Enumerable.Range(0, TasksPerDigit)
           select NewTask(digit, family, index),
    ];

    private DigitTask NewTask(int digit, DigitFamily family, int index)
    {
        DigitImage[] images = Shuffled(_images[digit]);
        LabelledRows pool = Turn(images.Take(PoolImages), PoolTurns, family);
        int[] order = [.. Enumerable.Range(0, pool.Count)];
        _random.Shuffle(order);
        return new DigitTask($"{family}/{digit}/{index}", family, pool.Select(order), Turn(images.Skip(PoolImages), TestTurns, family));
    }

    private DigitImage[] Shuffled(IEnumerable<DigitImage> images)
    {
        DigitImage[] shuffled = [.. images];
        _random.Shuffle(shuffled);
        return shuffled;
    }

    private LabelledRows Turn(IEnumerable<DigitImage> images, int turns, DigitFamily family)
    {
        var pixels = new List<double>();
        var angles = new List<double>();
        foreach (DigitImage image in images)
        {
            for (int turn = 0; turn < turns; turn++)
            {
                double angle = ((2 * _random.NextDouble()) - 1) * Range;
                double[] turned = image.Rotate(angle);
                pixels.AddRange(family == DigitFamily.Inverted ? DigitImage.Invert(turned) : turned);
                angles.Add(angle);
            }
        }

        return new LabelledRows(new Rows(angles.Count, DigitImage.Side * DigitImage.Side, [.. pixels]), new Rows(angles.Count, 1, [.. angles]));
    }
}
