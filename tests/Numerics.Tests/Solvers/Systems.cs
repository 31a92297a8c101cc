using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

/// <summary>A system K + noise I of which everything is known. K has a given spectrum in random directions.</summary>
internal sealed record LinearSystem(int Size, int Columns, double Decay, double Noise, int Seed)
{
    public override string ToString() => $"n {Size}, k {Columns}, decay {Decay:R}, noise {Noise:R}, seed {Seed}";
}

internal static class Systems
{
    /// <summary>Sizes around those of native tiles, spectra that fall slowly and fast, condition numbers from 2 to 1e6.</summary>
    public static readonly Gen<LinearSystem> All =
        from size in Gen.Int[1, 70]
        from columns in Gen.Int[1, 5]
        from decay in Gen.Double[0.5, 0.99]
        from noise in Gen.Double[-6, 0]
        from seed in Gen.Int[0, 1_000_000]
        select new LinearSystem(size, columns, decay, Math.Pow(10, noise), seed);

    /// <summary>K, [n, n], fp64: eigenvalues 1, decay, decay^2 ... as a smooth kernel's fall.</summary>
    public static torch.Tensor Kernel(LinearSystem system) => WithSpectrum([.. Enumerable.Range(0, system.Size).Select(i => Math.Pow(system.Decay, i))], system.Seed);

    /// <summary>K + noise I.</summary>
    public static torch.Tensor Matrix(LinearSystem system) => Kernel(system) + (system.Noise * torch.eye(system.Size, dtype: torch.ScalarType.Float64));

    /// <summary>B, [n, k].</summary>
    public static torch.Tensor RightHandSides(LinearSystem system) => Normals(system.Size, system.Columns, system.Seed + 1);

    /// <summary>Q diag(spectrum) Q^T with random orthogonal Q, symmetric to the last bit.</summary>
    public static torch.Tensor WithSpectrum(double[] spectrum, int seed)
    {
        int n = spectrum.Length;
        (torch.Tensor q, _) = torch.linalg.qr(Normals(n, n, seed));
        torch.Tensor product = torch.mm(q * TensorInterop.FromDoubles(spectrum, [1, n], torch.ScalarType.Float64, torch.CPU), q.t());
        return (product + product.t()) / 2;
    }

    public static torch.Tensor Normals(int rows, int columns, int seed) =>
        TensorInterop.FromDoubles(new SeededRandom(seed).Normals(rows * columns), [rows, columns], torch.ScalarType.Float64, torch.CPU);

    /// <summary>log|A|.</summary>
    public static double LogDeterminant(torch.Tensor matrix) => torch.linalg.slogdet(matrix).Item2.item<double>();

    /// <summary>Every kind of preconditioner for a system, the nearer ones from what an application would have.</summary>
    public static IEnumerable<IPreconditioner> Preconditioners(LinearSystem system)
    {
        yield return new IdentityPreconditioner(system.Size);

        torch.Tensor kernel = Kernel(system);
        (torch.Tensor factor, _) = PivotedCholesky.Factorise(kernel.diagonal(), i => kernel[i], Math.Max(1, system.Size / 4), system.Noise);
        yield return new LowRankPreconditioner(factor, torch.full([system.Size, 1], system.Noise, dtype: torch.ScalarType.Float64));

        torch.Tensor near = Normals(system.Size, system.Size, system.Seed + 2) * (0.1 * Math.Sqrt(system.Noise / system.Size));
        yield return new CholeskyPreconditioner(Matrix(system) + torch.mm(near, near.t()));
    }

    /// <summary>Runs to the end with products by a matrix; directions are multiplied in the matrix's dtype.</summary>
    public static ConjugateGradients Solve(torch.Tensor matrix, torch.Tensor rightHandSides, IPreconditioner preconditioner, ConjugateGradientOptions options)
    {
        var solver = new ConjugateGradients(rightHandSides, preconditioner, options);
        Continue(solver, matrix);
        return solver;
    }

    public static void Continue(ConjugateGradients solver, torch.Tensor matrix, int steps = int.MaxValue)
    {
        for (int step = 0; step < steps && !solver.IsDone; step++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            solver.Step(torch.mm(matrix, solver.Directions.to(matrix.dtype)));
        }
    }

    /// <summary>|b - A x| / |b| of every column, computed anew.</summary>
    public static double[] TrueResiduals(torch.Tensor matrix, torch.Tensor rightHandSides, torch.Tensor solution)
    {
        torch.Tensor difference = rightHandSides - torch.mm(matrix, solution);
        return [.. Enumerable.Range(0, (int)rightHandSides.shape[1]).Select(j => difference.select(1, j).norm().item<double>() / rightHandSides.select(1, j).norm().item<double>())];
    }

    /// <summary>The same systems in every run: what is checked against standard errors fails once in so many draws, of which these are none.</summary>
    public static void ForAllFixed(Action<LinearSystem> check, int samples)
    {
        var random = new SeededRandom(17);
        for (int i = 0; i < samples; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            check(new LinearSystem(10 + random.NextInt(60), 1 + random.NextInt(5), 0.5 + (0.49 * random.NextDouble()), Math.Pow(10, -6 * random.NextDouble()), random.NextInt(1_000_000)));
        }
    }

    public static void ForAll(Action<LinearSystem> check, int samples) => All.Sample(
        system =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            check(system);
        },
        iter: samples,
        threads: 1);
}
