using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Bench;

/// <summary>What is done without structure: a reverse pass per row, its gradients side by side as J, and K = J J^T. For networks with one output.</summary>
internal static class RowJacobian
{
    public static torch.Tensor Kernel(SourceModel model, RowMatrix inputs)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> tensors = NetworkTensors.Upload(model.Weights, torch.CPU, torch.ScalarType.Float32);
        var executor = new NetworkExecutor(model.Spec);
        torch.Tensor[] parameters = [.. model.Spec.Blocks.Select(block => tensors[block.Name].requires_grad_())];
        torch.Tensor x = torch.tensor(inputs.Values, [inputs.Rows, inputs.Columns]).to(torch.ScalarType.Float32);
        torch.Tensor jacobian = torch.empty(inputs.Rows, model.Spec.ParameterCount);
        for (int row = 0; row < inputs.Rows; row++)
        {
            using DisposeScope inner = torch.NewDisposeScope();
            executor.Forward(tensors, x.narrow(0, row, 1)).reshape(1).backward();
            jacobian.select(0, row).copy_(torch.cat([.. parameters.Select(p => p.grad!.view(-1))], dim: 0));
            foreach (torch.Tensor parameter in parameters)
            {
                parameter.grad = null;
            }
        }

        foreach (torch.Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }

        return torch.mm(jacobian, jacobian.t()).MoveToOuterDisposeScope();
    }
}
