"""A trained net as ONNX, with the facts that reading needs beside it."""

from __future__ import annotations

import argparse
import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import torch

from diagrasp.engines.embedded.reading.prepare import HEIGHT, INK_HEIGHT, MARGIN
from diagrasp_train.reader.alphabet import ALPHABET
from diagrasp_train.reader.model import ReaderNet
from diagrasp_train.reader.pool import STEP

OPSET = 17


class _Exported(torch.nn.Module):
    """uint8 lines in, log-probabilities out: what can be inside the graph cannot be forgotten outside."""

    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        share = (255.0 - lines.to(torch.float32)) / 255.0
        return torch.log_softmax(self.net(share.unsqueeze(1)), dim=-1)


def export(net: ReaderNet, folder: Path, facts: dict[str, Any], ink_height: int = INK_HEIGHT) -> Path:
    """Write `reader.onnx` and `reader.json` into `folder`, each whole or not at all; returns the net's path.

    Input `lines` uint8 (B, HEIGHT, W), W a multiple of STEP; output `logp` float32 (B, W / 2, 1 + len(ALPHABET)).
    """
    folder.mkdir(parents=True, exist_ok=True)
    target, temporary = folder / "reader.onnx", folder / "reader.onnx.tmp"
    net = net.eval().cpu().float()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Exported(net).eval(),
            (torch.full((2, HEIGHT, 128), 255, dtype=torch.uint8),),
            str(temporary),
            input_names=["lines"],
            output_names=["logp"],
            dynamic_axes={"lines": {0: "batch", 2: "width"}, "logp": {0: "batch", 1: "steps"}},
            opset_version=OPSET,
            dynamo=False,
        )
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    about = {
        "name": "diagrasp-reader",
        "revision": digest[:12],
        "sha256": digest,
        "alphabet": ALPHABET,
        "height": HEIGHT,
        "ink_height": ink_height,
        "margin": MARGIN,
        "step": STEP,
        "blank": 0,
        "temperature": 1.0,
        "normalisation": "paper 255, ink 0, uint8; the graph computes (255 - x) / 255",
        **facts,
    }
    sidecar = folder / "reader.json.tmp"
    sidecar.write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
    temporary.replace(target)
    sidecar.replace(folder / "reader.json")
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description="Export the mean weights of a run's checkpoint.")
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoint.pt")
    parser.add_argument("--to", type=Path, help="folder to write to; default: the run's")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--seed", type=int, default=1, help="that the run was started with, for the record")
    parser.add_argument("--ink-height", type=int, default=INK_HEIGHT, help="that the run was started with")
    arguments = parser.parse_args()
    state = torch.load(arguments.run / "checkpoint.pt", weights_only=True)
    net = ReaderNet(len(ALPHABET) + 1, arguments.width)
    net.load_state_dict(state["mean"])
    training = {"seed": arguments.seed, "width": arguments.width, **state["log"][-1]}
    facts = {"training": training, "log": state["log"]}
    print(export(net, arguments.to or arguments.run, facts, arguments.ink_height))


if __name__ == "__main__":
    main()
