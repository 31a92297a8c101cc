using System.Text;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using CsCheck;

namespace AdaptCluster.Grains.Tests.Naming;

public sealed class KeyTests
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Any UTF-16 at all: control characters, lone surrogates, slashes, percent signs.</summary>
    private static readonly Gen<string> Text = Gen.Frequency(
        (3, Gen.Char[(char)0, (char)0xFFFF]), (2, Gen.Int[0, 10].Select(i => "/%'\" \\.:+\ud83d\ude86"[i])), (3, Gen.Char[' ', '~']))
        .Array[0, 12].Select(characters => new string(characters));

    [Fact]
    public void ToString_NamesThatMayBeUsed_ParseGivesThemBack() =>
        Gen.Select(Text, Text, Text).Where((a, b, c) => IsUsable(a) && IsUsable(b) && IsUsable(c)).Sample((tenant, source, task) =>
        {
            var key = new TaskKey(tenant, source, task);
            Assert.Equal(key, TaskKey.Parse(key.ToString()));
            Assert.Equal(key.SourceKey, SourceKey.Parse(key.SourceKey.ToString()));
            Assert.Equal(2, key.ToString().Count(character => character == '/'));
            Assert.InRange(TaskIndexKey.For(key).Part, 0, TaskIndexKey.Parts - 1);
        });

    [Fact]
    public void Require_AnyText_ReturnedAsItIsOrRefusedByName() => Text.Sample(text =>
    {
        if (IsUsable(text))
        {
            Assert.Same(text, EntityName.Require(text, "task"));
        }
        else
        {
            Assert.Equal("task", Assert.Throws<InvalidInputException>(() => EntityName.Require(text, "task")).Input);
        }
    });

    [Theory]
    [InlineData(null, "task: the name is empty; give a name of 1 to 200 characters.")]
    [InlineData("", "task: the name is empty; give a name of 1 to 200 characters.")]
    [InlineData(" \t", "task: the name is empty; give a name of 1 to 200 characters.")]
    [InlineData(" a", "task: the name 'a' has control characters or blanks at an end; remove them.")]
    [InlineData("a\u00a0", "task: the name 'a' has control characters or blanks at an end; remove them.")]
    [InlineData("a\nb", "task: the name 'a b' has control characters or blanks at an end; remove them.")]
    public void Require_Unusable_SaysWhyInOneLine(string? name, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidInputException>(() => EntityName.Require(name, "task")).Message);

    [Fact]
    public void Require_HalfOfACharacter_Refused() => Assert.Equal(
        "task: the name 'a\ufffd' has half of a character; remove it.",
        Assert.Throws<InvalidInputException>(() => EntityName.Require("a\ud83d", "task")).Message);

    [Fact]
    public void Require_LengthAtAndOverTheLimit_AcceptedAndRefused()
    {
        Assert.Equal(200, EntityName.Require(new string('x', 200), "source").Length);
        Assert.Equal(
            "source: the name has 201 characters; use at most 200.",
            Assert.Throws<InvalidInputException>(() => EntityName.Require(new string('x', 201), "source")).Message);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/b/c/d")]
    public void Parse_NotAKey_Refused(string key)
    {
        Assert.Throws<ArgumentException>(() => TaskKey.Parse(key));
        Assert.Throws<ArgumentException>(() => SourceKey.Parse(key));
    }

    [Fact]
    public void For_ManyTasks_SpreadOverAllParts()
    {
        int[] counts = new int[TaskIndexKey.Parts];
        for (int i = 0; i < 1_600; i++)
        {
            counts[TaskIndexKey.For(new TaskKey("t", "s", $"customer {i}")).Part]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 50, 150));
    }

    private static bool IsUsable(string text) =>
        text.Length is > 0 and <= EntityName.MaxLength && !text.Any(char.IsControl)
        && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && IsWhole(text);

    private static bool IsWhole(string text)
    {
        try
        {
            return StrictUtf8.GetByteCount(text) > 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
