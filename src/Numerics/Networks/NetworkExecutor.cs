using AdaptCluster.Numerics.Networks.Nodes;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>Runs a network's nodes in order. Results belong to the caller's dispose scope.</summary>
internal sealed class NetworkExecutor
{
    private readonly NetworkGraph _graph;
    private readonly int[] _lastUse;

    internal NetworkExecutor(NetworkSpec spec)
    {
        _graph = spec.Graph;
        _lastUse = new int[_graph.Values.Length];
        for (int i = 0; i < _graph.Values.Length; i++)
        {
            foreach (int input in _graph.Values[i].Inputs)
            {
                _lastUse[input] = i;
            }
        }

        _lastUse[_graph.Output] = int.MaxValue;
    }

    /// <summary>The outputs, [n, c].</summary>
    /// <param name="tensors">The network's tensors by name, shaped.</param>
    /// <param name="x">[n, d], as the network reads it.</param>
    /// <param name="tape">Where sites are noted; null when only the value is wanted, which then keeps no more values than it needs.</param>
    /// <param name="training">Whether batch norms use and update the statistics of the batch.</param>
    /// <param name="firstRow">Which row of the data the first one is: for messages.</param>
    internal torch.Tensor Forward(IReadOnlyDictionary<string, torch.Tensor> tensors, torch.Tensor x, SiteTape? tape = null, bool training = false, long firstRow = 0)
    {
        var call = new NodeCall(tensors, x.shape[0], firstRow, training);
        var values = new torch.Tensor[_graph.Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            GraphValue value = _graph.Values[i];
            if (value.Node is null)
            {
                values[i] = value.Shape.Length == 1 && value.Shape[0] == _graph.InputWidth
                    ? x
                    : x.narrow(1, value.Offset, Shapes.Count(value.Shape)).view(Shapes.WithRows(call.Rows, value.Shape));
                continue;
            }

            torch.Tensor[] inputs = new torch.Tensor[value.Inputs.Length];
            for (int k = 0; k < inputs.Length; k++)
            {
                inputs[k] = values[value.Inputs[k]];
            }

            call.Inputs = inputs;
            call.Reads = null;
            torch.Tensor result = value.Node.Forward(call);
            values[i] = tape is null ? result : tape.Note(value, call, result);
            if (tape is null && !training)
            {
                Release(values, i);
            }
        }

        return values[_graph.Output];
    }

    private void Release(torch.Tensor[] values, int now)
    {
        foreach (int input in _graph.Values[now].Inputs)
        {
            if (_lastUse[input] == now && _graph.Values[input].Node is not null)
            {
                values[input].Dispose();
            }
        }
    }
}
