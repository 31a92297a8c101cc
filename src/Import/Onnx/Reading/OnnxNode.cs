using System.Collections.Immutable;
using AdaptCluster.Formats;
using OnnxSchema;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>A node of the graph, with its attributes by name and type.</summary>
internal sealed class OnnxNode
{
    private readonly NodeProto _node;
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);
    private readonly ModelErrors _errors;

    internal OnnxNode(NodeProto node, ModelErrors errors)
    {
        _node = node;
        _errors = errors;
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.RefAttrName.Length > 0 || !_attributes.TryAdd(attribute.Name, attribute))
            {
                throw Refuse($"its attribute {ModelErrors.Quote(attribute.Name)} is there twice or refers to a function's", ModelErrors.ExportAgain);
            }
        }
    }

    internal string Type => _node.OpType;

    internal string Domain => _node.Domain;

    internal IReadOnlyList<string> Inputs => _node.Input;

    internal IReadOnlyList<string> Outputs => _node.Output;

    /// <summary>As errors name it: node 'name' (Type).</summary>
    internal string Where
    {
        get
        {
            string name = _node.Name.Length > 0 ? _node.Name : _node.Output.FirstOrDefault(o => o.Length > 0) ?? string.Empty;
            return $"node {ModelErrors.Quote(name)} ({(Type.Length is > 0 and <= 60 ? ModelErrors.Quote(Type)[1..^1] : "no type")})";
        }
    }

    internal ModelFileException Refuse(string problem, string remedy) => _errors.Of(Where, problem, remedy);

    internal bool Has(string name) => _attributes.ContainsKey(name);

    internal bool HasGraph => _node.Attribute.Any(a => a.G is not null || a.Graphs.Count > 0);

    internal long Integer(string name, long otherwise) => Find(name, AttributeProto.Types.AttributeType.Int)?.I ?? otherwise;

    internal float Number(string name, float otherwise) => Find(name, AttributeProto.Types.AttributeType.Float)?.F ?? otherwise;

    internal string Text(string name, string otherwise) => Find(name, AttributeProto.Types.AttributeType.String)?.S.ToStringUtf8() ?? otherwise;

    /// <summary>A list of whole numbers; null where the attribute is absent.</summary>
    internal ImmutableArray<long>? Integers(string name) => Find(name, AttributeProto.Types.AttributeType.Ints) is { } a ? [.. a.Ints] : null;

    internal ImmutableArray<float>? Numbers(string name) => Find(name, AttributeProto.Types.AttributeType.Floats) is { } a ? [.. a.Floats] : null;

    internal OnnxTensor? Tensor(string name, ExternalFiles? external) => Find(name, AttributeProto.Types.AttributeType.Tensor) is { } a
        ? OnnxTensor.Read(a.T ?? throw Refuse($"its attribute '{name}' holds no tensor", ModelErrors.ExportAgain), Where, _errors, external)
        : null;

    private AttributeProto? Find(string name, AttributeProto.Types.AttributeType type)
    {
        if (!_attributes.TryGetValue(name, out AttributeProto? attribute))
        {
            return null;
        }

        return attribute.Type == type
            ? attribute
            : throw Refuse($"its attribute '{name}' is of the type {attribute.Type} instead of {type}", ModelErrors.ExportAgain);
    }
}
