using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace AdaptCluster.FlightsSlice;

/// <summary>The columns of the flights file that the sample keeps, row i of each belonging together.</summary>
internal sealed class Flights
{
    private const string Date = "date";
    private const string Delay = "delay";
    private const string Distance = "distance";
    private const string Origin = "origin";

    private readonly List<DateTime> _dates = [];
    private readonly List<int> _delays = [];
    private readonly List<int> _distances = [];
    private readonly List<string> _origins = [];

    /// <summary>The airport (IATA) that each flight left from.</summary>
    public IReadOnlyList<string> Origins => _origins;

    /// <summary>Reads a file with the columns date (timestamp), delay and distance (64-bit integers) and origin (text).</summary>
    public static async Task<Flights> ReadAsync(string path)
    {
        var flights = new Flights();
        var airports = new Dictionary<string, string>(StringComparer.Ordinal);
        await using ParquetReader reader = await ParquetReader.CreateAsync(path);
        foreach (ParquetRowGroupReader group in reader.RowGroups)
        {
            using var dates = (RawColumnData<DateTime>)await group.ReadRawColumnDataBaseAsync(reader.Schema.FindDataField(Date));
            using var delays = (RawColumnData<long>)await group.ReadRawColumnDataBaseAsync(reader.Schema.FindDataField(Delay));
            using var distances = (RawColumnData<long>)await group.ReadRawColumnDataBaseAsync(reader.Schema.FindDataField(Distance));
            using var origins = (RawColumnData<ReadOnlyMemory<char>>)await group.ReadRawColumnDataBaseAsync(reader.Schema.FindDataField(Origin));
            flights.Add(dates.Values, delays.Values, distances.Values, origins.Values, airports);
        }

        return flights;
    }

    /// <summary>Only these flights, in this order.</summary>
    public Flights Take(IReadOnlyList<int> rows)
    {
        var taken = new Flights();
        foreach (int row in rows)
        {
            taken._dates.Add(_dates[row]);
            taken._delays.Add(_delays[row]);
            taken._distances.Add(_distances[row]);
            taken._origins.Add(_origins[row]);
        }

        return taken;
    }

    /// <summary>Writes a Parquet file that is small first and quick to read second.</summary>
    public async Task WriteAsync(string path)
    {
        var date = new DateTimeDataField(Date, DateTimeFormat.Timestamp, false, DateTimeTimeUnit.Micros, isNullable: false);
        var delay = new DataField<int>(Delay, nullable: false);
        var distance = new DataField<int>(Distance, nullable: false);
        var origin = new DataField<string>(Origin, nullable: false);
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd };
        options.ColumnEncodingHints[Delay] = EncodingHint.ByteSplitStream;
        options.ColumnEncodingHints[Distance] = EncodingHint.ByteSplitStream;
        options.ColumnEncodingHints[Origin] = EncodingHint.Dictionary;
        await using FileStream stream = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(date, delay, distance, origin), stream, options);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync<DateTime>(date, _dates.ToArray());
        await group.WriteAsync<int>(delay, _delays.ToArray());
        await group.WriteAsync<int>(distance, _distances.ToArray());
        await group.WriteAsync(origin, _origins);
        group.CompleteValidate();
    }

    private void Add(
        ReadOnlySpan<DateTime> dates,
        ReadOnlySpan<long> delays,
        ReadOnlySpan<long> distances,
        ReadOnlySpan<ReadOnlyMemory<char>> origins,
        Dictionary<string, string> airports)
    {
        var bySpan = airports.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int i = 0; i < dates.Length; i++)
        {
            // The file's times are local to the airport and carry no zone: declaring them UTC keeps them as they are.
            _dates.Add(DateTime.SpecifyKind(dates[i], DateTimeKind.Utc));
            _delays.Add(checked((int)delays[i]));
            _distances.Add(checked((int)distances[i]));
            if (!bySpan.TryGetValue(origins[i].Span, out string? airport))
            {
                airport = origins[i].ToString();
                airports.Add(airport, airport);
            }

            _origins.Add(airport);
        }
    }
}
