"""Train the net that reads BPMN's signs, on one CPU core, from nothing.

    python -m diagrasp_train.icons.train --out run --tools tools/render_examples

Draws the signs of bpmn-js and draw.io (which need `npm install` in that folder), adds signs of its own in random
styles, and learns on crops made of them without end.  What bpmn-font draws is never learnt: the model card's figures
are of that unseen hand.  `--publish` puts the net into diagrasp_weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from diagrasp.engines.embedded.bpmn.signs import HEADS, SIDE
from diagrasp_train.generate.browser import Browser
from diagrasp_train.icons.banks import Drawing, bpmn_js, drawio, icon_font
from diagrasp_train.icons.crops import Crops, examples, own

OPSET = 17
TARGET = Path(__file__).resolve().parents[2] / "diagrasp_weights"
FONTS = ("DejaVuSans", "LiberationSans-Regular", "Roboto-Regular", "OpenSans-Regular", "PTS55F")


class SignsNet(nn.Module):
    """Four convolutions and one layer for all heads together; about fifty thousand parameters."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        w = width

        def block(a: int, b: int, stride: int) -> list[nn.Module]:
            return [nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]

        self.trunk = nn.Sequential(
            *block(1, w, 1), *block(w, 2 * w, 2), *block(2 * w, 3 * w, 2), *block(3 * w, 4 * w, 2),
            nn.Conv2d(4 * w, 14, 1), nn.ReLU(), nn.Flatten(), nn.Dropout(0.15),
            nn.Linear(14 * (SIDE // 8) ** 2, 56), nn.ReLU(),
        )  # fmt: skip
        self.heads = nn.ModuleList(nn.Linear(56, len(words)) for words in HEADS.values())

    def forward(self, crops: torch.Tensor) -> list[torch.Tensor]:
        """(B, SIDE, SIDE) uint8 to one (B, words) of scores a head."""
        seen = self.trunk(crops.to(torch.float32).unsqueeze(1) / 255.0)
        return [head(seen) for head in self.heads]


class _Exported(nn.Module):
    def __init__(self, net: SignsNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, crops: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(torch.softmax(scores, dim=-1) for scores in self.net(crops))


def train(source: Crops, minutes: float, batch: int = 128, rate: float = 3e-3) -> tuple[SignsNet, list[dict[str, Any]]]:
    """Learn for so long; the rate falls to nothing along half a cosine."""
    net = SignsNet()
    best = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-3)
    lost = nn.CrossEntropyLoss(ignore_index=-1, label_smoothing=0.02, reduction="sum")
    start, seen, log, told = time.process_time(), 0, [], 0.0
    mean = 0.0
    net.train()
    while (done := (time.process_time() - start) / (60 * minutes)) < 1:
        for group in best.param_groups:
            group["lr"] = rate * (0.5 + 0.5 * float(np.cos(np.pi * done))) * min(1.0, 0.1 + 20 * done)
        crops, truth = source.batch(batch)
        said = net(torch.from_numpy(crops))
        loss = torch.stack([lost(s, torch.from_numpy(truth[:, k].copy())) for k, s in enumerate(said)]).sum() / batch
        best.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        best.step()
        seen += batch
        mean = 0.98 * mean + 0.02 * float(loss.detach()) if mean else float(loss.detach())
        if done - told >= 0.1:
            told = done
            log.append({"minutes": round(done * minutes, 1), "crops": seen, "loss": round(mean, 4)})
            print(json.dumps(log[-1]), flush=True)
    log.append({"minutes": minutes, "crops": seen, "loss": round(mean, 4)})
    return net.eval(), log


def measure(net: SignsNet, crops: NDArray[np.uint8], truth: NDArray[np.int64]) -> dict[str, float]:
    """The share right, head by head, of the crops that it has something to say of."""
    with torch.no_grad():
        said = [s.argmax(dim=1).numpy() for s in net(torch.from_numpy(crops))]
    out = {}
    for k, name in enumerate(HEADS):
        asked = truth[:, k] >= 0
        if asked.any():
            out[name] = round(float((said[k][asked] == truth[asked, k]).mean()), 3)
    return out


def confusions(net: SignsNet, drawings: Sequence[Drawing], seed: int, least: float = 0.05) -> list[str]:
    """Which words are taken for which, where that happens more often than `least`."""
    out: dict[tuple[str, str, str], list[int]] = {}
    crops, truth = examples(drawings, 20, seed)
    with torch.no_grad():
        said = [s.argmax(dim=1).numpy() for s in net(torch.from_numpy(crops))]
    for k, (name, words) in enumerate(HEADS.items()):
        for right in {int(t) for t in truth[:, k]} - {-1}:
            mine = said[k][truth[:, k] == right]
            for wrong in {int(s) for s in mine} - {right}:
                if (share := float((mine == wrong).mean())) >= least:
                    out[name, words[right], words[wrong]] = [round(100 * share), len(mine)]
    return [f"{n}: {a} as {b} {v[0]} %" for (n, a, b), v in sorted(out.items(), key=lambda i: -i[1][0])]


def export(net: SignsNet, folder: Path, facts: dict[str, Any]) -> Path:
    """Write `signs.onnx` and `signs.json`.

    Input `crops` uint8 (B, SIDE, SIDE); one output a head, float32 (B, words), probabilities.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "signs.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Exported(net).eval(),
            (torch.zeros((2, SIDE, SIDE), dtype=torch.uint8),),
            str(target),
            input_names=["crops"],
            output_names=list(HEADS),
            dynamic_axes={"crops": {0: "batch"}, **{name: {0: "batch"} for name in HEADS}},
            opset_version=OPSET,
            dynamo=False,
        )
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    about = {
        "name": "diagrasp-signs", "revision": digest[:12], "sha256": digest, "side": SIDE,
        "heads": {name: list(words) for name, words in HEADS.items()}, **facts,
    }  # fmt: skip
    (folder / "signs.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return target


def card(about: dict[str, Any], size: int) -> str:
    """The model card as Markdown."""
    names = list(HEADS)
    rows = ["| hand | " + " | ".join(names) + " |", "|" + "---|" * (len(names) + 1)]
    for hand, row in about["figures"].items():
        rows.append(f"| {hand} | " + " | ".join(f"{row[n]:.3f}" if n in row else "-" for n in names) + " |")
    training = about["training"]
    return (
        Path(__file__)
        .with_name("card.md")
        .read_text("utf-8")
        .format(
            revision=about["revision"], sha256=about["sha256"], size=round(size / 1000), table="\n".join(rows),
            parameters=about["parameters"], seed=training["seed"], minutes=training["minutes"],
            crops=training["crops"], confusions="; ".join(about["confusions"]) or "nothing",
            log=", ".join(f"{e['loss']} after {e['crops']}" for e in about["log"]),
        )
    )  # fmt: skip


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for signs.onnx and signs.json")
    parser.add_argument("--tools", type=Path, default=Path("tools/render_examples"), help="the drawing tools' folder")
    parser.add_argument("--minutes", type=float, default=3, help="of processor time (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(default %(default)s)")
    parser.add_argument("--without", choices=["bpmn-js", "draw.io"], help="a tool to leave out, and be measured on")
    parser.add_argument("--publish", action="store_true", help="put the net into diagrasp_weights")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    with Browser(arguments.tools) as browser:
        tools = {"bpmn-js": bpmn_js(browser), "draw.io": drawio(browser)}
    unseen = {"bpmn-font": icon_font(arguments.tools / "node_modules" / "bpmn-js" / "dist" / "assets" / "bpmn-font")}
    if arguments.without:
        unseen[arguments.without] = tools.pop(arguments.without)
    files = {path.stem: str(path) for path in sorted(Path("/usr/share/fonts").rglob("*.[ot]tf"))}
    fonts = [files[name] for name in FONTS if name in files]
    source = Crops([d for drawings in tools.values() for d in drawings], fonts, arguments.seed)
    net, log = train(source, arguments.minutes)
    other = random.Random(arguments.seed + 7)
    judged = {**{f"{name} (unseen)": d for name, d in unseen.items()}, **tools, "own": [own(other) for _ in range(300)]}
    figures = {name: measure(net, *examples(d, 30, arguments.seed + 1)) for name, d in judged.items()}
    for name, row in figures.items():
        print(name, json.dumps(row))
    mixed = confusions(net, [d for drawings in unseen.values() for d in drawings], arguments.seed + 2)
    print("\n".join(mixed))
    facts = {
        "parameters": sum(p.numel() for p in net.parameters()), "training": {"seed": arguments.seed, **log[-1]},
        "log": log, "figures": figures, "confusions": mixed,
    }  # fmt: skip
    target = export(net, TARGET if arguments.publish else arguments.out, facts)
    about = json.loads(target.with_suffix(".json").read_text("utf-8"))
    target.with_suffix(".md").write_text(card(about, target.stat().st_size), "utf-8")
    print(target)


if __name__ == "__main__":
    main()
