using System.Text;
using AdaptCluster.Import.Onnx.Reading;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>docs/operators.md, from the table of operators.</summary>
internal static class OperatorsPage
{
    internal static string Text()
    {
        var text = new StringBuilder();
        text.Append($"""
            # ONNX operators

            <!-- Written by tests/Import.Tests from src/Import/Onnx/Operators/OnnxOperators.cs: change that, then run those tests with
                 ADAPTCLUSTER_WRITE_DOCS=1. -->

            ONNX files of opset {OnnxModelReader.FirstOpset} to {OnnxModelReader.LastOpset} are read. Axis 0 of every input is that of the rows: it may have any length, and rows never mix. All other
            axes have fixed lengths. The rows may be any axis on the way, or be merged with others (attention merges them with the heads), as
            long as a reshape does not move them; at the output they are the first axis alone, and other axes become one.

            Float tensors of the file with at least one axis that are computed with are parameters under their own names: of `MatMul` and `Gemm`
            stored as [outputs, inputs]; used twice, they are tied; behind an `Identity`, they are apart. `Constant` nodes, single numbers and
            running statistics are not adapted. Several inputs are read one after the other in the file's order.

            Shape arithmetic (`Shape`, `Gather`, `Concat`, `Mul`, ...) is done when the file is read, with the number of rows as a symbol: sizes may be
            a number, or a number times that of the rows.

            | operator | since opset | becomes | limits |
            |---|---:|---|---|

            """);
        foreach (OnnxOperator known in OnnxOperators.All)
        {
            text.Append($"| `{known.Type}` | {known.Since} | {known.Becomes} | {known.Limits} |\n");
        }

        text.Append("""

            Also refused, by name: operators of other domains, `If`, `Loop`, `Scan` and whatever else holds a graph, random operators, functions, training
            information, sparse, quantised and text tensors, shapes and indices that depend on the data. Tensors in other files are read from
            the folder of the ONNX file only, and only where the caller allows it.

            Parts that exporters write out become one node again: a layer norm (opset 16 and before), GELU, SiLU, and the bias that is added to a product.

            """);
        return text.ToString();
    }
}
