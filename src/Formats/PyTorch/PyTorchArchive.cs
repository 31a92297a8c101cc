using AdaptCluster.Formats.Zip;

namespace AdaptCluster.Formats.PyTorch;

/// <summary>What PyTorch's zip archives have in common: everything is in one folder, which the first entry names.</summary>
internal static class PyTorchArchive
{
    /// <summary>How the files of PyTorch before 1.6 start: a pickle of a magic number.</summary>
    private static ReadOnlySpan<byte> LegacyStart =>
        [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

    /// <summary>The folder; null where there is none.</summary>
    public static string? RootOf(ZipDirectory directory) =>
        directory.Entries.Keys.FirstOrDefault() is string first && first.IndexOf('/', StringComparison.Ordinal) is > 0 and int length ? first[..length] : null;

    /// <summary>Whether it is TorchScript: constants and program text.</summary>
    public static bool IsScript(ZipDirectory directory, string root) =>
        directory.Entries.ContainsKey($"{root}/constants.pkl") && directory.Entries.Keys.Any(name => name.StartsWith($"{root}/code/", StringComparison.Ordinal));

    /// <summary>Refuses the formats that PyTorch wrote before it wrote zip archives.</summary>
    /// <exception cref="ModelFileException">It is one.</exception>
    public static void RefuseLegacy(ModelSource source)
    {
        ReadOnlySpan<byte> bytes = source.Bytes.Span;
        if (bytes.StartsWith(LegacyStart))
        {
            throw source.Wrong(
                null,
                "it is in the format that PyTorch wrote before version 1.6",
                "load it there and save it with PyTorch 1.6 or later: torch.save(model.state_dict(), file)");
        }

        if (bytes is [0x80, <= 5, ..])
        {
            throw source.Wrong(null, "it is a bare Python pickle, which is never loaded", Remedies.SaveStateDict);
        }
    }

    /// <summary>Refuses what is no zip archive, and says what it may be.</summary>
    /// <exception cref="ModelFileException">It is none.</exception>
    public static void RequireZip(ModelSource source, string remedy)
    {
        RefuseLegacy(source);
        if (!ZipDirectory.IsZip(source.Bytes.Span))
        {
            throw source.Wrong(null, "it is not a file that PyTorch 1.6 or later saved", remedy);
        }
    }
}
