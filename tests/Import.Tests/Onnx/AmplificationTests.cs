using AdaptCluster.Import.Tests.Support;
using OnnxSchema;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>Small files that ask for much: each within its budget of memory, read or not.</summary>
public sealed class AmplificationTests(ITestOutputHelper log)
{
    public static TheoryData<string> Names => new(Cases.Keys);

    private static Dictionary<string, Action<TestModel, string>> Cases { get; } = new()
    {
        ["sum of one value many times"] = (m, x) => m.Finish(m.Node("Sum", [.. Enumerable.Repeat(x, 100_000)])),
        ["concatenation of one value many times"] = (m, x) => m.Finish(m.Node("Concat", [.. Enumerable.Repeat(x, 100_000)], ("axis", 1))),
        ["split into many"] = (m, x) => m.Finish(m.Nodes("Split", [m.Node("Expand", [x, m.Wholes(1, 60_000)])], 60_000, ("axis", 1))[0]),
        ["copies of a tensor"] = (m, x) =>
        {
            m.Parameter("w", 1000, 1000);
            string[] copies = [.. Enumerable.Range(0, 60).Select(_ => m.Node("Identity", ["w"]))];
            m.Finish(m.Node("Add", [x, m.Node("ReduceSum", [m.Node("Sum", copies)])]));
        },
        ["many axes"] = (m, x) => m.Finish(m.Node("Unsqueeze", [x, m.Wholes([.. Enumerable.Range(1, 100_000).Select(i => (long)i)])])),
        ["axes of axes"] = (m, x) =>
        {
            string matrix = m.Constant(TestModel.Int64([0], 1, 1, 1, 1, 1, 1, 1, 1));
            string value = matrix;
            for (int i = 0; i < 2000; i++)
            {
                value = m.Node("Gather", [value, matrix]);
            }

            m.Finish(m.Node("Add", [x, value]));
        },
        ["doubling constants"] = (m, x) =>
        {
            string value = m.Wholes(1);
            for (int i = 0; i < 60; i++)
            {
                value = m.Node("Concat", [value, value], ("axis", 0));
            }

            m.Finish(m.Node("Add", [x, value]));
        },
        ["doubling values"] = (m, x) =>
        {
            for (int i = 0; i < 60; i++)
            {
                x = m.Node("Concat", [x, x], ("axis", 1));
            }

            m.Finish(x);
        },
        ["shapes of shapes"] = (m, x) =>
        {
            string value = x;
            for (int i = 0; i < 5_000; i++)
            {
                value = m.Node("Shape", [value]);
            }

            m.Finish(m.Node("Add", [x, value]));
        },
        ["long gather"] = (m, x) => m.Finish(m.Node("Gather", [x, m.Wholes(new long[200_000])], ("axis", 1))),
        ["many attributes"] = (m, x) =>
        {
            string value = m.Node("Softmax", [x]);
            m.Graph.Node[^1].Attribute.AddRange(Enumerable.Range(0, 100_000).Select(i => new AttributeProto { Name = $"{i}" }));
            m.Finish(value);
        },
        ["numbers in varints"] = (m, x) =>
        {
            string value = m.Node("Softmax", [x]);
            m.Graph.Node[^1].Attribute.Add(new AttributeProto { Name = "a", Type = AttributeProto.Types.AttributeType.Ints, Ints = { Enumerable.Repeat(1L, 8_000_000) } });
            m.Finish(value);
        },
        ["many inputs"] = (m, x) =>
        {
            for (int i = 0; i < 30_000; i++)
            {
                m.Input($"{i}", [1]);
            }

            m.Finish(x);
        },
        ["long names"] = (m, x) =>
        {
            for (int i = 0; i < 200; i++)
            {
                x = m.Node("Neg", [x]);
                string name = new('n', 50_000 + i);
                m.Graph.Node[^1].Output[0] = name;
                x = name;
            }

            m.Finish(x);
        },
        ["names that are taken"] = (m, x) =>
        {
            string sum = m.Node("Sum", [.. Enumerable.Repeat(x, 3_000)]);
            for (int i = 0; i < 3_000; i++)
            {
                m.Node("Neg", [x]);
                m.Graph.Node[^1].Output[0] = $"{sum}/{i}";
            }

            m.Finish(sum);
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_SmallFileOfMuch_StaysInItsBudget(string name)
    {
        var model = new TestModel();
        Cases[name](model, model.Scaled(model.Input("x", [1])));
        byte[] bytes = model.ToBytes();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = System.Diagnostics.Stopwatch.StartNew();

        bool isRead = Measured.Import(bytes) is not null;

        log.WriteLine($"{name}: {bytes.Length / 1024} KB, {(GC.GetAllocatedBytesForCurrentThread() - before) >> 20} MiB, {watch.ElapsedMilliseconds} ms, {(isRead ? "read" : "refused")}");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10)); // a square of 100,000 takes longer
    }
}
