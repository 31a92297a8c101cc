#!/usr/bin/python3
"""Posterior of a Gaussian process with a tanh network's tangent kernel, in PyTorch: the peer of `bench -- peers`.

K = sum_b theta_b J_b J_b^T over the six parameter blocks of a d-h1-h2-1 network, formed from the structure of the
Jacobian: a linear layer's rows are (input, 1) x (back-propagated gradient), so its kernel is an elementwise product of
two thin products. See README.md for the files and the flags.
"""
import argparse
import json
import os
import sys
import time

# OpenBLAS's threads and OpenMP's take turns here; one that spins while the other works halves the speed of both.
# Read when the libraries are loaded, so set before.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")

import numpy as np  # noqa: E402
import torch  # noqa: E402

TILE = 1024          # edge of a kernel tile: three fp32 tiles stay in the last-level cache
MEAN_TOLERANCE = 1e-6
VARIANCE_TOLERANCE = 3e-4      # of a column; the variance errs by its square, over the noise


# ---------------------------------------------------------------- the network and its kernel

def unflatten(flat, d, hidden):
    """The flat vector as [(W, b)] per layer, in PyTorch's order."""
    layers, at, width = [], 0, d
    for out in [*hidden, 1]:
        w = flat[at:at + out * width].view(out, width)
        at += out * width
        layers.append((w, flat[at:at + out]))
        at += out
        width = out
    return layers


def features(layers, theta, x):
    """Outputs [n], and per layer the pair (A, G) whose kernel is (A A'^T) * (G G'^T); G is None for the last layer.

    A has the layer's input times the root of the weights' scale, and the root of the biases' scale as one more column.
    """
    inputs = [x]
    for w, b in layers[:-1]:
        inputs.append(torch.addmm(b, inputs[-1], w.mT).tanh_())
    w, b = layers[-1]
    f = torch.addmm(b, inputs[-1], w.mT).squeeze(1)

    gradients, g = [None], w
    for i in range(len(layers) - 1, 0, -1):
        h = inputs[i]
        g = g * (1 - h * h)          # the last layer's one row broadcasts over the inputs
        gradients.append(g)
        if i > 1:
            g = g @ layers[i - 1][0]
    gradients.reverse()

    pairs = []
    for i, h in enumerate(inputs):
        a = torch.empty(h.shape[0], h.shape[1] + 1, dtype=h.dtype)
        torch.mul(h, theta[2 * i] ** 0.5, out=a[:, :-1])
        a[:, -1] = theta[2 * i + 1] ** 0.5
        pairs.append((a, gradients[i]))
    return f, pairs


def tile(left, right, rows, columns, buffers):
    """The kernel of left[rows] and right[columns], in the first buffer."""
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    k, s, t = (b[:shape[0] * shape[1]].view(shape) for b in buffers)
    first = True
    for (a, g), (a2, g2) in zip(left[:-1], right[:-1]):
        torch.mm(g[rows], g2[columns].mT, out=k if first else s)
        torch.mm(a[rows], a2[columns].mT, out=t)
        if first:
            k.mul_(t)
        else:
            k.addcmul_(s, t)
        first = False
    return k.addmm_(left[-1][0][rows], right[-1][0][columns].mT)


def spans(n, size=TILE):
    return [slice(i, min(i + size, n)) for i in range(0, n, size)]


def gram(pairs, noise, dtype, full):
    """K + noise I of the training inputs, [n, n] of `dtype`, products in the features' precision.

    Only tiles at and below the diagonal are computed; `full` mirrors them.
    """
    n, work = pairs[0][0].shape[0], pairs[0][0].dtype
    k = torch.empty(n, n, dtype=dtype)
    buffers = [torch.empty(TILE * TILE, dtype=work) for _ in range(3)]
    for r in spans(n):
        for c in spans(r.stop):
            t = tile(pairs, pairs, r, c, buffers)
            k[r, c] = t
            if full and c.start != r.start:
                k[c, r] = t.mT
    k.diagonal().add_(noise)
    return k


def cross(pairs, test, dtype):
    """K(x, xs), one column per test point, each column contiguous (what LAPACK solves in place)."""
    n, m = pairs[0][0].shape[0], test[0][0].shape[0]
    k = torch.empty(m, n, dtype=dtype)
    buffers = [torch.empty(TILE * TILE, dtype=pairs[0][0].dtype) for _ in range(3)]
    for r in spans(m):
        for c in spans(n):
            k[r, c] = tile(test, pairs, r, c, buffers)
    return k.mT


def diagonal(pairs):
    """The prior variances K(x, x), [n] in fp64."""
    total = 0
    for a, g in pairs:
        norm = a.double().square_().sum(1)
        total = total + (norm if g is None else norm * g.double().square_().sum(1))
    return total


# ---------------------------------------------------------------- the solvers

def residual(k, x, b):
    """b - k x for one fp64 column against an fp32 matrix, accumulated in fp64."""
    r = b.clone()
    for s in spans(k.shape[0], 256):
        r[s] -= k[s].double() @ x
    return r


def factorise(k):
    """The Cholesky factor of `k` (lower triangle filled), in its own memory; upper factor, columns contiguous."""
    u = k.mT                                # LAPACK's layout: the row-major lower triangle is its upper one
    return torch.linalg.cholesky(u, upper=True, out=u)


def solve_cholesky(pairs, f, test, f_test, y, noise, factor):
    start = time.perf_counter()
    m = f_test.shape[0]
    exact = factor == "f64"
    dtype = torch.float64 if exact else torch.float32
    k = gram(pairs, noise, dtype, full=not exact)
    k_cross = cross(pairs, test, dtype)
    y = y - f.double()
    kernel = time.perf_counter()

    # the mean of an fp32 factor is corrected by residuals, so the matrix has to outlive it
    u = factorise(k if exact else k.clone())
    solved = time.perf_counter()

    if exact:
        # mean and variance need L^-1 [k*, y] only: no backward substitution
        b = torch.empty(m + 1, len(y), dtype=dtype).mT
        b[:, :m], b[:, m] = k_cross, y
        v = torch.linalg.solve_triangular(u.mT, b, upper=False, out=b)
        mean = f_test.double() + v[:, :m].mT @ v[:, m]
        explained = torch.linalg.vector_norm(v[:, :m], dim=0).square_()
    else:
        def solve(b):
            return torch.linalg.solve_triangular(u, torch.linalg.solve_triangular(u.mT, b, upper=False), upper=True)

        alpha = solve(y.float()[:, None])[:, 0].double()
        for _ in range(3):
            r = residual(k, alpha, y)
            if r.norm() <= MEAN_TOLERANCE * y.norm():
                break
            alpha += solve(r.float()[:, None])[:, 0]
        mean = f_test.double() + mv64(k_cross.mT, alpha)
        # the variances need no correction: an fp32 factor errs by as little as the fp32 kernel does
        v = torch.linalg.solve_triangular(u.mT, k_cross, upper=False, out=k_cross)
        explained = torch.cat([v[:, s].double().square_().sum(0) for s in spans(m, 64)])
    variance = diagonal(test) - explained
    end = time.perf_counter()
    return mean, variance, dict(kernel=kernel - start, solve=solved - kernel, predict=end - solved)


def mv64(a, x):
    """a x with an fp32 [m, n] a, in fp64 by row chunks."""
    return torch.cat([a[s].double() @ x for s in spans(a.shape[0], 64)])


def quadratic(k, b, v):
    """diag(b^T k^-1 b) from an approximate v = k^-1 b: v^T (b + r), whose error is of second order in r = b - k v."""
    r = b.clone().addmm_(k, v, alpha=-1).add_(b)
    return torch.cat([(v[:, s].double() * r[:, s]).sum(0) for s in spans(b.shape[1], 64)])


def nystrom(k, noise, rank):
    """z = P^-1 r for P = C W^-1 C^T + noise I with `rank` columns C of the kernel, chosen uniformly (Woodbury)."""
    n = k.shape[0]
    picked = torch.randperm(n, generator=torch.Generator().manual_seed(0))[:rank]
    c = k[picked]                                                    # [rank, n]: rows, by symmetry
    c[torch.arange(rank), picked] -= noise
    w = c[:, picked].double()
    w.diagonal().add_(1e-6 * w.diagonal().mean() + 1e-3 * noise)
    b = torch.linalg.solve_triangular(torch.linalg.cholesky(w).float(), c, upper=False)
    s = (b @ b.mT).double()
    s.diagonal().add_(noise)
    # with Q = chol(s)^-1 b: P^-1 = (I - Q^T Q) / noise; CG does not see the factor 1 / noise
    q = torch.linalg.solve_triangular(torch.linalg.cholesky(s).float(), b, upper=False)
    return lambda r: r.addmm(q.mT, q @ r, alpha=-1)


def block_cg(k, b, precondition, tolerances, limit=400):
    """Conjugate gradients on all columns of `b` at once; those that converged leave. Returns x and iterations."""
    x = torch.zeros_like(b)
    active = torch.arange(b.shape[1])
    target = torch.linalg.vector_norm(b, dim=0) * tolerances
    r = b.clone()
    xa = torch.zeros_like(b)
    z = precondition(r)
    p = z.clone()
    rz = (r * z).sum(0)
    for iteration in range(1, limit + 1):
        kp = k @ p
        step = rz / (p * kp).sum(0)
        xa.addcmul_(p, step)
        r.addcmul_(kp, step, value=-1)
        running = torch.linalg.vector_norm(r, dim=0) > target
        left = int(running.sum())
        if left == 0:
            break
        if left <= 0.9 * len(active):
            done = ~running
            x[:, active[done]] = xa[:, done]
            active, target, rz = active[running], target[running], rz[running]
            xa, r, p = xa[:, running], r[:, running], p[:, running]
        z = precondition(r)
        last, rz = rz, (r * z).sum(0)
        p.mul_(rz / last).add_(z)
    x[:, active] = xa
    return x, iteration


def solve_cg(pairs, f, test, f_test, y, noise, rank):
    start = time.perf_counter()
    m = f_test.shape[0]
    k = gram(pairs, noise, torch.float32, full=True)
    k_cross = cross(pairs, test, torch.float32)
    y = y - f.double()
    kernel = time.perf_counter()

    precondition = nystrom(k, noise, rank)
    b = torch.cat([k_cross, y.float()[:, None]], dim=1)
    v, iterations = block_cg(k, b, precondition, torch.full((m + 1,), VARIANCE_TOLERANCE))
    # fp32 directions cannot reach the mean's tolerance: fp64 residuals of that one column, corrected
    alpha, more = v[:, m].double(), 0
    for _ in range(8):
        r = residual(k, alpha, y)
        if r.norm() <= MEAN_TOLERANCE * y.norm():
            break
        reduction = max(1e-3, float(0.5 * MEAN_TOLERANCE * y.norm() / r.norm()))
        x, steps = block_cg(k, r.float()[:, None], precondition, torch.tensor([reduction]))
        alpha += x[:, 0]
        more += steps
    solved = time.perf_counter()

    mean = f_test.double() + mv64(k_cross.mT, alpha)
    variance = diagonal(test) - quadratic(k, k_cross, v[:, :m])
    end = time.perf_counter()
    return mean, variance, dict(kernel=kernel - start, solve=solved - kernel, predict=end - solved,
                                iterations=iterations, mean_iterations=more,
                                mean_residual=float(residual(k, alpha, y).norm() / y.norm()))


def posterior(method, layers, theta, noise, x, y, xs, factor="f64", rank=2000):
    """Mean and latent variance at xs [m], both fp64, and the seconds of each stage."""
    start = time.perf_counter()
    f, pairs = features(layers, theta, x)
    f_test, test = features(layers, theta, xs)
    formed = time.perf_counter() - start
    if method == "cholesky":
        mean, variance, stages = solve_cholesky(pairs, f, test, f_test, y, noise, factor)
    else:
        mean, variance, stages = solve_cg(pairs, f, test, f_test, y, noise, min(rank, len(y) // 2))
    stages["kernel"] += formed
    return mean, variance, stages


# ---------------------------------------------------------------- files, the check, the command line

def gemm_gflops(n=2048):
    a, b, c = (torch.rand(n, n) for _ in range(3))
    best = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        torch.mm(a, b, out=c)
        best = min(best, time.perf_counter() - start)
    return 2 * n ** 3 / best / 1e9


def read(folder, name, dtype, shape):
    return torch.from_numpy(np.fromfile(os.path.join(folder, name), dtype=dtype).reshape(shape))


def run(folder, method, factor, rank):
    with open(os.path.join(folder, "spec.json"), encoding="utf-8") as stream:
        spec = json.load(stream)
    n, m, d = spec["n"], spec["m"], spec["inputs"]
    layers = unflatten(read(folder, "weights.f32", "<f4", -1), d, spec["hidden"])
    x, xs = read(folder, "x.f64", "<f8", (n, d)), read(folder, "xs.f64", "<f8", (m, d))
    y = read(folder, "y.f64", "<f8", n)
    speed = gemm_gflops()

    start, spent = time.perf_counter(), time.process_time()
    mean, variance, stages = posterior(
        method, layers, spec["theta"], spec["noise"], x.float(), y, xs.float(), factor, rank)
    total, spent = time.perf_counter() - start, time.process_time() - spent

    mean.numpy().astype("<f8").tofile(os.path.join(folder, "mean.f64"))
    variance.numpy().astype("<f8").tofile(os.path.join(folder, "variance.f64"))
    counts = {name: stages.pop(name) for name in ("iterations", "mean_iterations", "mean_residual") if name in stages}
    name = f"cholesky-{factor}" if method == "cholesky" else "cg"
    return {"method": name, **{f"seconds_{stage}": round(s, 4) for stage, s in stages.items()},
            "seconds_total": round(total, 4), "seconds_cpu": round(spent, 4), "gemm_gflops": round(speed, 1), **counts}


def draw(n, m, d, hidden, theta, noise, seed=1):
    """A task as the bench writes it: weights N(0, 1 / fan in), inputs N(0, 1), targets of a draw from the prior."""
    g = torch.Generator().manual_seed(seed)
    parts, width = [], d
    for out in [*hidden, 1]:
        parts += [torch.randn(out * width, generator=g) / width ** 0.5, torch.randn(out, generator=g) / width ** 0.5]
        width = out
    weights = torch.cat(parts)
    x = torch.randn(n, d, generator=g, dtype=torch.float64)
    xs = torch.randn(m, d, generator=g, dtype=torch.float64)
    # the linearised network at a draw of its weights: f + J dw, by one double backward pass
    direction = torch.cat([torch.randn(len(p), generator=g) * t ** 0.5 for p, t in zip(parts, theta)]).double()
    w = weights.double().requires_grad_()
    layers = unflatten(w, d, hidden)
    y = torch.empty(n, dtype=torch.float64)
    for s in spans(n):
        f = output(layers, x[s])
        dummy = torch.ones_like(f, requires_grad=True)
        (grad,) = torch.autograd.grad(f, w, dummy, create_graph=True)
        (jvp,) = torch.autograd.grad(grad, dummy, direction)
        y[s] = f.detach() + jvp
    y += noise ** 0.5 * torch.randn(n, generator=g, dtype=torch.float64)
    return weights, x, y, xs


def output(layers, x):
    for w, b in layers[:-1]:
        x = torch.tanh(x @ w.T + b)
    return (x @ layers[-1][0].T + layers[-1][1]).squeeze(1)


def write(folder, n, m, theta, noise):
    """Writes a task as the bench would, for a trial of this script alone."""
    d, hidden = 16, [500, 500]
    weights, x, y, xs = draw(n, m, d, hidden, theta, noise)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "spec.json"), "w", encoding="utf-8") as stream:
        json.dump({"n": n, "m": m, "inputs": d, "hidden": hidden, "theta": theta, "noise": noise}, stream)
    for name, values in (("weights.f32", weights), ("x.f64", x), ("y.f64", y), ("xs.f64", xs)):
        values.numpy().tofile(os.path.join(folder, name))


def check():
    """Against an fp64 Jacobian by autograd, one backward pass per row, at n = 300: kernel, mean and variance."""
    n, m, d, hidden, noise = 300, 40, 16, [60, 50], 0.05
    theta = [0.01, 0.02, 0.03, 0.015, 0.04, 0.025]
    weights, x, y, xs = draw(n, m, d, hidden, theta, noise)
    w = weights.double().requires_grad_()
    f = output(unflatten(w, d, hidden), torch.cat([x, xs]))
    j = torch.stack([torch.autograd.grad(v, w, retain_graph=True)[0] for v in f])
    sizes = [p.numel() for layer in unflatten(w.detach(), d, hidden) for p in layer]
    j *= torch.cat([torch.full((s,), t ** 0.5, dtype=torch.float64) for s, t in zip(sizes, theta)])
    f, k = f.detach(), j @ j.T
    a = k[:n, :n] + noise * torch.eye(n, dtype=torch.float64)
    mean = f[n:] + k[n:, :n] @ torch.linalg.solve(a, y - f[:n])
    variance = k.diagonal()[n:] - (k[:n, n:] * torch.linalg.solve(a, k[:n, n:])).sum(0)

    layers = unflatten(weights, d, hidden)
    _, pairs = features(layers, theta, x.float())
    errors = {"kernel": float((gram(pairs, noise, torch.float32, True) - a).abs().max() / a.abs().max())}
    for name, method, factor in (("cholesky-f64", "cholesky", "f64"), ("cholesky-f32", "cholesky", "f32"),
                                 ("cg", "cg", None)):
        got = posterior(method, layers, theta, noise, x.float(), y, xs.float(), factor)
        scale = k.diagonal()[n:]
        errors[name + " mean"] = float(((got[0] - mean).abs() / scale.sqrt()).max())
        errors[name + " variance"] = float(((got[1] - variance).abs() / variance).max())
    # fp32 features: 1e-6 of the kernel, amplified by the solve; cg stops at its tolerance
    limits = {"kernel": 2e-6, "cholesky-f32 variance": 1e-4, "cg variance": 1e-3}
    bad = {name: e for name, e in errors.items() if not e < limits.get(name, 2e-5)}
    print(json.dumps({"check": "failed" if bad else "passed", **errors}))
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="where spec.json and the raw files are, and the answers go")
    parser.add_argument("--method", choices=["cholesky", "cg"], default="cholesky")
    parser.add_argument("--factor", choices=["f64", "f32"], default="f64", help="precision of the Cholesky factor")
    parser.add_argument("--rank", type=int, default=2000, help="columns of the preconditioner of cg")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--check", action="store_true", help="compare with autograd at n = 300 and stop")
    parser.add_argument("--write", type=float, nargs=3, metavar=("N", "THETA", "NOISE"),
                        help="write a task to the folder (500 test points) and stop")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)      # Debian's build starts with one for elementwise work
    torch.set_grad_enabled(options.check or bool(options.write))
    if options.check:
        return check()
    if not options.folder:
        parser.error("a folder is needed")
    if options.write:
        n, theta, noise = options.write
        write(options.folder, int(n), 500, [theta] * 6, noise)
        return 0
    print(json.dumps(run(options.folder, options.method, options.factor, options.rank)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
