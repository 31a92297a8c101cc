#!/usr/bin/python3
"""The fleet prior in PyTorch: the peer of `bench -- prior`.

Maximises sum_t log N(r_t; 0, sum_b theta_b K_tb + sigma^2 I) over the logarithms of theta and sigma^2 for T tasks of N
rows. The blocks' kernels do not depend on the parameters, so they are formed once from the Jacobian's structure, in
fp64; an evaluation is their weighted sum, one batched Cholesky and reverse-mode differentiation through both; L-BFGS
with a strong Wolfe line search. See README.md for the files and the flags.
"""
import argparse
import json
import math
import os
import sys
import time

from gp import unflatten  # first: it sets how OpenBLAS's threads wait, which is read when the libraries are loaded

import numpy as np  # noqa: E402
import torch  # noqa: E402


@torch.no_grad()
def kernels(layers, x):
    """Outputs [T, N] and the blocks' kernels [B, T, N, N] for inputs [T, N, d]: weights A A^T * G G^T, biases G G^T."""
    inputs = [x]
    for w, b in layers[:-1]:
        inputs.append((inputs[-1] @ w.mT + b).tanh_())
    f = (inputs[-1] @ layers[-1][0].mT + layers[-1][1]).squeeze(-1)
    t, n = x.shape[:2]
    k = torch.empty(2 * len(layers), t, n, n, dtype=x.dtype)
    g = torch.ones(t, n, 1, dtype=x.dtype)
    for i in range(len(layers) - 1, -1, -1):
        torch.bmm(g, g.mT, out=k[2 * i + 1])
        torch.mul(torch.bmm(inputs[i], inputs[i].mT), k[2 * i + 1], out=k[2 * i])
        if i > 0:
            g = (g @ layers[i][0]) * (1 - inputs[i] ** 2)
    return f, k


def objective(k, r, x):
    """The negative log evidence per observation at x = (log theta, log sigma^2)."""
    b, t, n, _ = k.shape
    c = torch.mv(k.view(b, -1).mT, x[:-1].exp()).view(t, n, n)
    c = c + x[-1].exp() * torch.eye(n, dtype=k.dtype)
    factor = torch.linalg.cholesky(c)
    z = torch.linalg.solve_triangular(factor, r.unsqueeze(-1), upper=False)
    log_det = 2 * factor.diagonal(dim1=-2, dim2=-1).log().sum()
    return 0.5 * (z.square().sum() + log_det + r.numel() * math.log(2 * math.pi)) / r.numel()


def fit(k, r, start, tolerance, history):
    """L-BFGS until no derivative exceeds the tolerance."""
    x = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([x], lr=1, max_iter=500, max_eval=2000, tolerance_grad=tolerance,
                                  tolerance_change=1e-15, history_size=history, line_search_fn="strong_wolfe")
    evaluations = 0

    def closure():
        nonlocal evaluations
        evaluations += 1
        optimiser.zero_grad()
        value = objective(k, r, x)
        value.backward()
        return value

    optimiser.step(closure)
    value = closure()
    return x.detach(), float(value), float(x.grad.abs().max()), evaluations - 1


def read(folder, name, dtype, shape):
    return torch.from_numpy(np.fromfile(os.path.join(folder, name), dtype=dtype).reshape(shape))


def run(folder, history):
    with open(os.path.join(folder, "spec.json"), encoding="utf-8") as stream:
        spec = json.load(stream)
    t, n, d = spec["tasks"], spec["rows"], spec["inputs"]
    layers = unflatten(read(folder, "weights.f32", "<f4", -1).double(), d, spec["hidden"])
    x, y = read(folder, "x.f64", "<f8", (t, n, d)), read(folder, "y.f64", "<f8", (t, n))
    start = torch.tensor(spec["start"], dtype=torch.float64)
    kernels(layers, x[:8])                       # loads the libraries and starts their threads
    began, spent = time.perf_counter(), time.process_time()
    f, k = kernels(layers, x)
    formed = time.perf_counter()
    found, value, gradient, evaluations = fit(k, y - f, start, spec["tolerance"], history)
    total, spent = time.perf_counter() - began, time.process_time() - spent
    return {"seconds_kernels": round(formed - began, 4), "seconds_total": round(total, 4), "seconds_cpu": round(spent, 4),
            "evaluations": evaluations, "objective": value, "gradient": gradient, "x": found.tolist()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where spec.json and the raw files are")
    parser.add_argument("--history", type=int, default=10, help="pairs that L-BFGS remembers")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)       # Debian's build starts with one for elementwise work
    print(json.dumps(run(options.folder, options.history)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
