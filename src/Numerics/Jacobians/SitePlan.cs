using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>How the Jacobian of some blocks is kept.</summary>
internal enum SiteKind
{
    /// <summary>One position: inputs and cotangents, weight and bias together.</summary>
    Dense,

    /// <summary>Several positions: inputs and cotangents.</summary>
    Positions,

    /// <summary>Looked-up rows: indices and cotangents.</summary>
    Table,

    /// <summary>The Jacobian's rows themselves, where they are the smaller.</summary>
    Rows,

    /// <summary>Products with a program.</summary>
    Program,
}

/// <summary>How the Jacobian of one or two blocks is kept, and which uses it is made from.</summary>
/// <param name="Kind">How.</param>
/// <param name="Blocks">Indices of the blocks: of a dense site the weight and then the bias, if both are adapted.</param>
/// <param name="Uses">Which of the noted uses it is made from.</param>
/// <param name="Positions">T, over all uses.</param>
/// <param name="Inner">The length of what multiplies the weight: d_in.</param>
/// <param name="Outer">The length of a cotangent: d_out.</param>
/// <param name="Numbers">How many numbers are kept for one row.</param>
internal sealed record SitePlan(SiteKind Kind, ImmutableArray<int> Blocks, ImmutableArray<int> Uses, int Positions, int Inner, int Outer, long Numbers)
{
    /// <summary>Of a dense site: its first column among those of all dense sites; <see cref="SiteScales"/> has a number for each.</summary>
    internal int Column { get; init; }

    /// <summary>The plans of a network. Deterministic: factors of the same network always have the same sites.</summary>
    internal static ImmutableArray<SitePlan> Of(NetworkSpec spec)
    {
        if (spec.Nodes.Any(node => node is ScriptNode))
        {
            long numbers = spec.InputWidth + ((long)spec.Outputs * spec.ParameterCount);
            return [new SitePlan(SiteKind.Program, [.. Enumerable.Range(0, spec.Blocks.Length)], [], 1, spec.ParameterCount, 1, numbers)];
        }

        return new Planner(spec).Plan();
    }

    private sealed class Planner
    {
        private readonly NetworkSpec _spec;
        private readonly Dictionary<string, int> _index;
        private readonly List<GraphValue> _sites; // as SiteTape notes them
        private readonly List<(int Use, ParameterUse Parameter)>[] _uses; // per block

        internal Planner(NetworkSpec spec)
        {
            _spec = spec;
            _index = spec.Blocks.Select((b, i) => (b.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
            _sites = [.. spec.Graph.Values.Where(v => v.Tensors.Any(use => _index.ContainsKey(use.Name)))];
            _uses = [.. spec.Blocks.Select(_ => new List<(int, ParameterUse)>())];
            for (int use = 0; use < _sites.Count; use++)
            {
                foreach (ParameterUse parameter in _sites[use].Tensors.Where(p => _index.ContainsKey(p.Name)))
                {
                    _uses[_index[parameter.Name]].Add((use, parameter));
                }
            }
        }

        internal ImmutableArray<SitePlan> Plan()
        {
            var plans = new List<SitePlan>();
            var done = new bool[_spec.Blocks.Length];
            int columns = 0;
            for (int block = 0; block < done.Length; block++)
            {
                if (!done[block])
                {
                    SitePlan plan = PlanBlock(block, done);
                    plans.Add(plan with { Column = columns });
                    columns += plan.Kind == SiteKind.Dense ? plan.Inner : 0;
                    foreach (int planned in plan.Blocks)
                    {
                        done[planned] = true;
                    }
                }
            }

            return [.. plans];
        }

        private SitePlan PlanBlock(int block, bool[] done)
        {
            int c = _spec.Outputs;
            ImmutableArray<int> uses = [.. _uses[block].Select(u => u.Use).Distinct()]; // a norm's scale may be its shift as well
            long size = _spec.Blocks[block].Count;
            var rows = new SitePlan(SiteKind.Rows, [block], uses, 1, 1, (int)size, c * size);
            if (_uses[block].All(u => u.Parameter.Role == ParameterRole.Table))
            {
                var node = (EmbeddingNode)_sites[uses[0]].Node!;
                int lookups = uses.Sum(u => (int)Shapes.Count(_sites[u].Shape) / node.Width);
                long numbers = lookups * (1 + ((long)c * node.Width));
                return numbers < rows.Numbers ? new SitePlan(SiteKind.Table, [block], uses, lookups, node.Vocabulary, node.Width, numbers) : rows;
            }

            bool linear = uses.All(u => _sites[u].Node is LinearNode);
            bool convolution = uses.Length == 1 && _sites[uses[0]].Node is ConvolutionNode { Groups: 1 };
            if (_uses[block].Any(u => u.Parameter.Role != ParameterRole.Weight) || !(linear || convolution))
            {
                return rows;
            }

            int outer = _spec.Blocks[block].Shape[0];
            int inner = (int)(size / outer);
            int positions = uses.Sum(u => (int)(Shapes.Count(_sites[u].Shape) / outer));
            if (positions == 1)
            {
                return WithBias(block, uses[0], inner, outer, done);
            }

            long read = uses.Sum(u => Shapes.Count(_spec.Graph.Values[_sites[u].Inputs[0]].Shape));
            long factors = read + ((long)c * positions * outer);
            return factors < rows.Numbers ? new SitePlan(SiteKind.Positions, [block], uses, positions, inner, outer, factors) : rows;
        }

        // A bias that belongs to this node alone is one more column of what it reads.
        private SitePlan WithBias(int block, int use, int inner, int outer, bool[] done)
        {
            ParameterUse bias = _sites[use].Tensors.FirstOrDefault(p => p.Role == ParameterRole.Bias);
            bool joined = bias.Name is not null && _index.TryGetValue(bias.Name, out int b) && !done[b] && _uses[b].Count == 1;
            ImmutableArray<int> blocks = joined ? [block, _index[bias.Name!]] : [block];
            int width = inner + (joined ? 1 : 0);
            return new SitePlan(SiteKind.Dense, blocks, [use], 1, width, outer, width + ((long)_spec.Outputs * outer));
        }
    }
}
