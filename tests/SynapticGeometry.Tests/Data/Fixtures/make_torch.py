"""Writes the PyTorch files beside itself (python3 make_torch.py): every type of element, views, shared storage, nested dictionaries."""
import os

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
tied = nn.Parameter(torch.tensor([[0.5, -1.5], [2.0, 3.25]]))
state = {"module.first.weight": tied, "module.second.weight": tied, "module.norm.num_batches_tracked": torch.tensor(7)}
whole = torch.arange(-3, 3)
torch.save({
    "epoch": 3, "arch": "tiny", "best": 71.5, "flags": (True, False, None), "rates": [0.1, 2],
    "state_dict": state,
    "views": {"transposed": base.t(), "column": base[:, 2], "block": base[1:3, 2:5], "every_other": base[::2, ::3], "scalar": base[2, 3]},
    "types": {
        "double": torch.tensor([1e300, -2.5], dtype=torch.float64), "half": torch.tensor([0.5, -2.0], dtype=torch.float16),
        "bfloat16": torch.tensor([0.5, -2.0], dtype=torch.bfloat16), "int8": whole.to(torch.int8), "int16": whole.to(torch.int16),
        "int32": whole.to(torch.int32), "int64": whole, "uint8": torch.arange(6, dtype=torch.uint8), "bool": whole > 0,
        "complex": torch.tensor([1 + 2j]), "empty": torch.zeros(0, 4)},
    "optimizer": {"state": {0: {"momentum_buffer": torch.full((2, 2), 0.25)}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
}, os.path.join(HERE, "checkpoint.pt"))
# As PyTorch before 1.6 wrote it: refused by name.
torch.save({"weight": torch.ones(2)}, os.path.join(HERE, "before-1.6.pt"), _use_new_zipfile_serialization=False)
# A whole module is an object of its class: refused by name.
torch.save(nn.Linear(2, 2), os.path.join(HERE, "module.pt"))
