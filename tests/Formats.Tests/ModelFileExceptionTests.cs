namespace AdaptCluster.Formats.Tests;

public sealed class ModelFileExceptionTests
{
    [Theory]
    [InlineData("tensor 'w'", "m.pt, tensor 'w': it is broken; mend it.")]
    [InlineData(null, "m.pt: it is broken; mend it.")]
    public void Message_WithAndWithoutPlace_OneLine(string? where, string message)
    {
        var cause = new InvalidOperationException();

        var error = new ModelFileException("m.pt", where, "it is broken", "mend it", cause);

        Assert.Equal(message, error.Message);
        Assert.Equal(("m.pt", where, "it is broken", "mend it"), (error.File, error.Where, error.Problem, error.Remedy));
        Assert.Same(cause, error.InnerException);
    }
}
