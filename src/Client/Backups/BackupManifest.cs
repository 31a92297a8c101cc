namespace AdaptCluster.Client.Backups;

/// <summary>What a finished backup holds; its last file.</summary>
/// <param name="Format">The version of the folder's layout.</param>
/// <param name="Version">The version of the client that wrote it.</param>
/// <param name="Finished">When.</param>
/// <param name="Records">How many records, those that are gone included.</param>
/// <param name="RecordsHash">SHA-256 of the file of records.</param>
/// <param name="Gone">Records that were deleted while the backup was made.</param>
/// <param name="Files">How many tensor files.</param>
/// <param name="Bytes">Of records and files.</param>
internal sealed record BackupManifest(
    int Format, string Version, DateTimeOffset Finished, long Records, string RecordsHash, IReadOnlyList<string> Gone, long Files, long Bytes)
{
    /// <summary>What this client writes and reads.</summary>
    public const int CurrentFormat = 1;
}
