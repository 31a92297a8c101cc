using System.Reflection;

namespace AdaptCluster.Architecture.Tests;

/// <summary>What travels and what is kept can change without breaking older silos, clients and stores.</summary>
public sealed class ContractTests
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] Interfaces =
        [.. Code.TypesOf("Grains.Interfaces").Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type))];

    private static readonly Type[] Messages =
        [.. Code.TypesOf("Grains.Interfaces").Where(type => Code.IsRecord(type) && !type.Namespace!.EndsWith(".Naming", StringComparison.Ordinal))];

    private static readonly Type[] Serialized =
        [.. new[] { "Grains.Interfaces", "Grains" }.SelectMany(Code.TypesOf).Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))];

    [Fact]
    public void Contracts_Baseline_ExistsAndTheAnalyzersReadIt()
    {
        Assert.True(File.Exists(Path.Combine(Sources.Root, "src", "Grains.Interfaces", "OrleansContracts.txt")));
        Assert.Contains(
            "<AdditionalFiles Include=\"OrleansContracts.txt\" />",
            File.ReadAllText(Path.Combine(Sources.Root, "src", "Grains.Interfaces", "Grains.Interfaces.csproj")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_All_SealedImmutableSerializedAndAliased()
    {
        Assert.True(Messages.Length > 20, "the messages were not found");
        Assert.All(Messages, message =>
        {
            Assert.True(message.IsSealed, $"{message} is not sealed");
            Assert.True(message.IsDefined(typeof(ImmutableAttribute), inherit: false), $"{message} is not [Immutable]");
            Assert.True(message.IsDefined(typeof(GenerateSerializerAttribute), inherit: false), $"{message} is not [GenerateSerializer]");
        });
    }

    [Fact]
    public void SerializedTypes_All_AliasedByANameOfOurOwnOnlyOnce()
    {
        string?[] aliases = [.. Serialized.Concat(Interfaces).Select(type => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias)];

        Assert.All(aliases, alias => Assert.StartsWith("adapt.", alias));
        Assert.Equal(aliases.Length, aliases.Distinct().Count());
    }

    [Fact]
    public void SerializedTypes_All_EveryKeptMemberHasAnIdOfItsOwn() => Assert.All(Serialized, type =>
    {
        PropertyInfo[] kept = [.. type.GetProperties(Declared).Where(property => type.GetField($"<{property.Name}>k__BackingField", Declared) is not null)];
        uint?[] ids = [.. kept.Select(property => property.GetCustomAttribute<IdAttribute>()?.Id)];

        Assert.True(Array.TrueForAll(ids, id => id is not null), $"{type} has a member without [Id]");
        Assert.True(ids.Distinct().Count() == ids.Length, $"{type} has an [Id] twice");
    });

    [Fact]
    public void GrainMethods_All_AliasedAsynchronousAndCancellable() => Assert.All(Interfaces, grain =>
    {
        MethodInfo[] methods = grain.GetMethods();
        Assert.NotEmpty(methods);
        Assert.All(methods, method =>
        {
            Assert.True(method.IsDefined(typeof(AliasAttribute), inherit: false), $"{grain.Name}.{method.Name} has no [Alias]");
            Assert.EndsWith("Async", method.Name);
            ParameterInfo last = method.GetParameters()[^1];
            Assert.True(last.ParameterType == typeof(CancellationToken) && last.IsOptional, $"{grain.Name}.{method.Name} takes no token last");
            Assert.True(
                typeof(Task).IsAssignableFrom(method.ReturnType)
                || (method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)),
                $"{grain.Name}.{method.Name} returns {method.ReturnType}");
        });
        Assert.Equal(methods.Length, methods.Select(method => method.GetCustomAttribute<AliasAttribute>()!.Alias).Distinct().Count());
    });

    [Fact]
    public void Grains_All_InternalAndSealed() => Assert.All(
        Code.TypesOf("Grains").Where(type => typeof(Grain).IsAssignableFrom(type)),
        grain => Assert.True(grain.IsSealed && grain.IsNotPublic, grain.FullName));
}
