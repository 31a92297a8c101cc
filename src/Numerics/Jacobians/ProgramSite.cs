using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The Jacobian of a program, known by products: J^T v is a reverse pass, J u is one through the reverse pass (double backward). Its rows are
/// reverse passes of one row each: kernels need them. They are kept where they are few numbers, so that a prior's fit forms them once;
/// otherwise they are formed again for every panel of columns that fits the budget.
/// Borrows the program, which the network owns.
/// </summary>
internal sealed class ProgramSite : JacobianSite, IRowPanels
{
    private const long KeptNumbers = 1L << 24;
    private readonly ScriptedProgram _program;
    private readonly torch.Tensor _x; // [n, d]
    private readonly int _output; // the one output that was picked, or -1
    private torch.Tensor? _rows; // J, [N, p], once it was formed and kept

    internal ProgramSite(SitePlan plan, NetworkSpec spec, ScriptedProgram program, torch.Tensor x, int output = -1)
        : base(plan, spec, (int)x.shape[0], output < 0 ? spec.Outputs : 1)
    {
        _program = program;
        _x = TensorInterop.Own(x);
        _output = output;
    }

    /// <summary>Forms the rows and keeps them, where they are few numbers.</summary>
    internal void KeepRows()
    {
        if ((long)Count * Spec.ParameterCount > KeptNumbers)
        {
            return;
        }

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = torch.empty(Count, Spec.ParameterCount, dtype: _x.dtype, device: _x.device);
        FormRows((row, gradient) => rows.select(0, row).copy_(gradient));
        _rows = TensorInterop.Own(rows);
    }

    public int Panels(int count) => (Spec.ParameterCount + PanelColumns(count) - 1) / PanelColumns(count);

    internal override long Numbers => _x.numel() + (_rows?.numel() ?? 0);

    private int PanelColumns(int count) => (int)Math.Clamp(4 * ProductBudget / count, 1, Spec.ParameterCount);

    public override void Dispose()
    {
        _x.Dispose();
        _rows?.Dispose();
    }

    public torch.Tensor Panel(int index, int count)
    {
        int start = index * PanelColumns(count);
        int width = Math.Min(PanelColumns(count), Spec.ParameterCount - start);
        if (_rows is not null)
        {
            return _rows.narrow(1, start, width);
        }

        torch.Tensor panel = torch.empty(Count, width, dtype: _x.dtype, device: _x.device);
        FormRows((row, gradient) => panel.select(0, row).copy_(gradient.narrow(0, start, width)));
        return panel;
    }

    public ImmutableArray<PanelRun> Runs(int index, int count)
    {
        int start = index * PanelColumns(count);
        int end = Math.Min(start + PanelColumns(count), Spec.ParameterCount);
        return
        [
            .. Spec.Blocks.Select((block, b) => (Block: b, From: Math.Max(block.Offset, start), To: Math.Min(block.Offset + block.Count, end)))
                .Where(part => part.To > part.From)
                .Select(part => new PanelRun(part.Block, part.From - start, part.To - part.From)),
        ];
    }

    internal override JacobianSite Slice(int start, int count) => new ProgramSite(Plan, Spec, _program, _x.narrow(0, start, count), _output)
    {
        _rows = _rows is null ? null : TensorInterop.Own(_rows.narrow(0, (long)start * Outputs, (long)count * Outputs)),
    };

    internal override JacobianSite OfOutput(int output) => new ProgramSite(Plan, Spec, _program, _x.alias(), output)
    {
        _rows = _rows is null ? null : TensorInterop.Own(_rows.view(Rows, Outputs, -1).select(1, output)),
    };

    internal override JacobianSite? InDouble() => null;

    internal override void AddApply(torch.Tensor u, torch.Tensor result)
    {
        for (int column = 0; column < u.shape[1]; column++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor direction = u.select(1, column);
            torch.Tensor output = Forward(_x);
            torch.Tensor v = torch.zeros_like(output).requires_grad_();
            output.backward([v], create_graph: true, retain_graph: true);
            torch.Tensor? product = null;
            for (int b = 0; b < _program.Parameters.Length; b++)
            {
                if (TakeGradient(b) is { requires_grad: true } gradient)
                {
                    torch.Tensor part = gradient.reshape(-1).dot(direction.narrow(0, Spec.Blocks[b].Offset, Spec.Blocks[b].Count));
                    product = product is null ? part : product + part;
                }
            }

            product?.backward();
            ClearGradients();
            if (v.grad is { } pushed)
            {
                result.select(1, column).add_(pushed.reshape(-1), Scalars.One);
            }
        }
    }

    internal override void ApplyTranspose(torch.Tensor v, torch.Tensor result)
    {
        for (int column = 0; column < v.shape[1]; column++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor output = Forward(_x);
            output.backward([v.select(1, column).reshape(output.shape)], create_graph: false, retain_graph: false);
            result.select(1, column).copy_(Gradient());
        }
    }

    internal override void CopyRows(torch.Tensor dense) => ForEachRow((row, gradient) => dense.select(0, row).copy_(gradient));

    internal override void AddDiagonal(torch.Tensor diagonal, SiteScales scales)
    {
        torch.Tensor flat = diagonal.view(-1);
        using torch.Tensor weights = Spread(scales.Theta);
        ForEachRow((row, gradient) => flat.narrow(0, row, 1).add_(gradient.square().dot(weights), Scalars.One));
    }

    internal override torch.Tensor Traces()
    {
        torch.Tensor traces = torch.zeros(Spec.Blocks.Length, dtype: _x.dtype, device: _x.device);
        ForEachRow((_, gradient) =>
        {
            torch.Tensor squares = gradient.square();
            for (int b = 0; b < Spec.Blocks.Length; b++)
            {
                traces.narrow(0, b, 1).add_(squares.narrow(0, Spec.Blocks[b].Offset, Spec.Blocks[b].Count).reshape(-1).sum(dim: 0), Scalars.One);
            }
        });
        return traces;
    }

    private void ForEachRow(Action<int, torch.Tensor> body)
    {
        for (int row = 0; _rows is not null && row < Count; row++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            body(row, _rows.select(0, row));
        }

        if (_rows is null)
        {
            FormRows(body);
        }
    }

    // Row after row through the program alone: a pass over all rows per row would cost n times as much.
    private void FormRows(Action<int, torch.Tensor> body)
    {
        for (int i = 0; i < Rows; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor output = Forward(_x.narrow(0, i, 1)).view(-1);
            for (int o = 0; o < Outputs; o++)
            {
                using DisposeScope inner = torch.NewDisposeScope();
                output.narrow(0, o, 1).backward([torch.ones(1, dtype: _x.dtype, device: _x.device)], create_graph: false, retain_graph: o + 1 < Outputs);
                body((i * Outputs) + o, Gradient());
            }
        }
    }

    private torch.Tensor Forward(torch.Tensor x)
    {
        torch.Tensor output = _program.Forward(x);
        return _output < 0 ? output : output.narrow(1, _output, 1);
    }

    private torch.Tensor Gradient() => torch.cat(
        [.. _program.Parameters.Select((parameter, b) => (TakeGradient(b)?.detach() ?? torch.zeros_like(parameter)).reshape(-1))], dim: 0);

    private torch.Tensor? TakeGradient(int block)
    {
        torch.Tensor? gradient = _program.Parameters[block].grad;
        _program.Parameters[block].grad = null;
        return gradient;
    }

    private void ClearGradients()
    {
        foreach (torch.Tensor parameter in _program.Parameters)
        {
            parameter.grad = null;
        }
    }

    private torch.Tensor Spread(double[] scales)
    {
        var values = new double[Spec.ParameterCount];
        for (int b = 0; b < scales.Length; b++)
        {
            values.AsSpan(Spec.Blocks[b].Offset, Spec.Blocks[b].Count).Fill(scales[b]);
        }

        return TensorInterop.FromDoubles(values, [values.Length], _x.dtype, _x.device);
    }
}
