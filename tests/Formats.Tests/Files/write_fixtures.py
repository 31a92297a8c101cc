"""Writes the model files beside it, with PyTorch 1.13: python3 write_fixtures.py

Values are chosen so that tests can state them: arange unless said otherwise.
"""
import collections
import os

import torch

here = os.path.dirname(os.path.abspath(__file__))


def save(name, value, **options):
    torch.save(value, os.path.join(here, name), **options)


def ordered(**tensors):
    return collections.OrderedDict(tensors)


def counted(*shape, dtype=torch.float32):
    count = 1
    for length in shape:
        count *= length
    return torch.arange(count).reshape(shape).to(dtype)


# A module's state_dict: an OrderedDict with the attribute _metadata, float32.
network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
with torch.no_grad():
    for number, parameter in enumerate(network.parameters()):
        parameter.copy_(counted(*parameter.shape) + 100 * number)
save("plain.pt", network.state_dict())

# nn.Parameter pickles through torch._utils._rebuild_parameter.
save("parameters.pt", ordered(weight=torch.nn.Parameter(counted(2, 2)), bias=torch.nn.Parameter(counted(2))))

save("half.pt", ordered(weight=counted(2, 3, dtype=torch.float16) / 2))
save("bfloat16.pt", ordered(weight=counted(2, 3, dtype=torch.bfloat16) / 2))
save("double.pt", ordered(weight=counted(2, 3, dtype=torch.float64) / 3))
save("integers.pt", ordered(
    int64=counted(3, dtype=torch.int64) - (1 << 40),
    int32=counted(3, dtype=torch.int32) - 1,
    int16=counted(3, dtype=torch.int16) - 1,
    int8=counted(3, dtype=torch.int8) - 1,
    uint8=counted(3, dtype=torch.uint8) + 253,
    bool=torch.tensor([True, False, True])))

# Not contiguous: a transpose, every second column, a broadcast row.
base = counted(3, 4)
save("strided.pt", ordered(transposed=base.t(), stepped=base[:, ::2], row=base[1], broadcast=counted(1, 2).expand(3, 2)))

# Two names for one tensor, and two views of one storage.
shared = counted(6)
save("shared.pt", ordered(tied=shared, same=shared, tail=shared[4:]))

# Checkpoints as training scripts write them.
save("checkpoint.pt", {
    "epoch": 7,
    "loss": 0.25,
    "args": {"lr": [1e-3, 2 ** 40, -1, 70000, 300], "name": "run", "flag": True, "none": None, "pair": (1, 2)},
    "state_dict": ordered(weight=counted(2), bias=counted(1)),
    "optimizer": {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"params": [0, 1]}]},
})
save("model_checkpoint.pt", {"model": ordered(weight=counted(2)), "step": 1})
save("nested.pt", {"encoder": ordered(weight=counted(2)), "decoder": {"head": {"bias": counted(1)}}, "step": 3})

save("empty_and_scalar.pt", ordered(empty=torch.zeros(0, 3), scalar=torch.tensor(2.5)))
save("no_tensors.pt", ordered())

# Refused by name: sparse, quantized, complex.
save("sparse.pt", ordered(weight=torch.sparse_coo_tensor([[0, 1]], [1.0, 2.0], (2,))))
save("quantized.pt", ordered(weight=torch.quantize_per_tensor(counted(2), 0.5, 0, torch.qint8)))
save("complex.pt", ordered(weight=torch.zeros(2, dtype=torch.complex64)))

# A whole module, which would run code on loading.
save("module.pt", torch.nn.Linear(1, 1))

# The format before PyTorch 1.6.
save("legacy.pt", ordered(weight=counted(2)), _use_new_zipfile_serialization=False)

# TorchScript.
torch.jit.save(torch.jit.script(network), os.path.join(here, "script.pt"))
