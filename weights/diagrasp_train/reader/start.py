"""The weights of an exported net put back into a net that can be trained on.

Export folds every batch normalisation into its convolution.  Here each normalisation is made to do nothing, and then,
by the statistics of drawn lines, to do nothing in a way that training can go on from: it normalises what comes in, and
its own scale and offset undo that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from diagrasp_train.reader.model import ReaderNet
from diagrasp_train.reader.pool import pad
from diagrasp_train.reader.render import Renderer


def start_from(net: ReaderNet, folder: Path, lines: int = 256) -> None:
    """Fill `net` with the weights of `folder`/reader.onnx; ValueError where it is another architecture."""
    graph = onnx.load(str(folder / "reader.onnx")).graph
    stored = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    folded = [[stored[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]
    products = [
        stored[name] for node in graph.node if node.op_type == "MatMul" for name in node.input if name in stored
    ]
    blocks = [m for m in net.modules() if isinstance(m, nn.Sequential)]
    pairs = [(m[0], m[1]) for m in blocks if isinstance(m[0], nn.Conv2d) and isinstance(m[1], nn.BatchNorm2d)]
    attention: Any = next(m for m in net.modules() if type(m).__name__ == "Attention")
    if len(folded) != len(pairs) + 1 or len(products) != 2:
        raise ValueError(f"{folder} holds another net")
    with torch.no_grad():
        for (conv, norm), (weight, bias) in zip(pairs, folded, strict=False):
            conv.weight.copy_(weight)
            nothing = {"running_mean": torch.zeros_like(bias), "running_var": torch.full_like(bias, 1.0 - norm.eps)}
            norm.load_state_dict({**norm.state_dict(), **nothing, "weight": torch.ones_like(bias), "bias": bias})
        attention.norm.weight.copy_(stored["net.trunk.4.norm.weight"])
        attention.norm.bias.copy_(stored["net.trunk.4.norm.bias"])
        attention.qkv.weight.copy_(products[0].T)
        attention.qkv.bias.copy_(stored["net.trunk.4.qkv.bias"])
        attention.out.weight.copy_(products[1].T)
        attention.out.bias.copy_(stored["net.trunk.4.out.bias"])
        net.head.load_state_dict({"weight": folded[-1][0], "bias": folded[-1][1]})
        _normalise(net, [norm for _, norm in pairs], lines)


def _normalise(net: ReaderNet, norms: list[nn.BatchNorm2d], lines: int) -> None:
    """Give every normalisation the statistics of what it sees, and the scale and offset that leave it as it is."""
    renderer = Renderer(11, hand_share=0.8, written=0.8)
    drawn = sorted((renderer.line() for _ in range(lines)), key=lambda line: line.picture.shape[1])
    pictures = pad(drawn[: lines // 2])[0]
    sums: dict[nn.BatchNorm2d, tuple[torch.Tensor, torch.Tensor]] = {}

    def note(norm: nn.BatchNorm2d, inputs: tuple[torch.Tensor, ...]) -> None:
        x = inputs[0]
        sums[norm] = x.mean((0, 2, 3)), x.var((0, 2, 3))

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    net.eval()
    net(((255.0 - torch.from_numpy(pictures).float()) / 255.0).unsqueeze(1))
    for hook in hooks:
        hook.remove()
    for norm, (mean, variance) in sums.items():
        state = norm.state_dict()
        state |= {"running_mean": mean, "running_var": variance}
        state |= {"weight": (variance + norm.eps).sqrt(), "bias": norm.bias + mean}
        norm.load_state_dict(state)
