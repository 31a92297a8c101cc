namespace AdaptCluster.Formats;

/// <summary>What to do about a file, where several places say the same.</summary>
internal static class Remedies
{
    public const string CopyAgain = "copy or download the file again";

    public const string SaveStateDict = "save the weights alone: torch.save(model.state_dict(), file)";

    public const string SaveScript = "save the model by torch.jit.save(torch.jit.script(model), file)";

    public const string SaveAgain = "save the file again with the library that the model was made with";
}
