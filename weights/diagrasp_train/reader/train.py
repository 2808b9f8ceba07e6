"""Train the reader from nothing, or go on from a checkpoint.

The learning rate follows one cosine over the whole budget (`--minutes` of training, added up over resumed runs). What
is evaluated and exported is the exponential mean of the weights. Exports land in the run's folder again and again, so
that a usable net is there early.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from tqdm import tqdm

from diagrasp.engines.embedded.reading.prepare import INK_HEIGHT
from diagrasp.engines.embedded.reading.search import greedy
from diagrasp_train.reader.alphabet import ALPHABET
from diagrasp_train.reader.export import export
from diagrasp_train.reader.metrics import cer
from diagrasp_train.reader.model import ReaderNet
from diagrasp_train.reader.pool import Batch, Pool, pad
from diagrasp_train.reader.render import Line, Renderer
from diagrasp_train.reader.start import start_from

_CODE = {c: i + 1 for i, c in enumerate(ALPHABET)}


def tensor(batch: Batch) -> torch.Tensor:
    """(B, 1, 32, W) ink shares."""
    return (
        ((255.0 - torch.from_numpy(batch[0]).float()) / 255.0)
        .unsqueeze(1)
        .contiguous(memory_format=torch.channels_last)
    )


def ctc_loss(logits: torch.Tensor, texts: list[str]) -> torch.Tensor:
    """CTC loss per character, mean over lines; lines too long for their picture count nothing."""
    targets = torch.tensor([_CODE[c] for text in texts for c in text])
    lengths = torch.tensor([len(text) for text in texts])
    logp = logits.float().log_softmax(-1).transpose(0, 1)
    steps = torch.full((len(texts),), logp.shape[0])
    return functional.ctc_loss(logp, targets, steps, lengths, zero_infinity=True)


def held_out_lines(seed: int = 777, count: int = 700, **manner: Any) -> list[Line]:
    """The validation lines: unseen families, unseen seed; a fifth hand-drawn unless `manner` says otherwise."""
    renderer = Renderer(seed, held_out=True, **{"clean": 0.6, **manner})
    return [renderer.line() for _ in range(count)]


@torch.no_grad()
def validate(net: ReaderNet, lines: list[Line]) -> float:
    """Character error rate of plain greedy decoding."""
    net.eval()
    ordered = sorted(lines, key=lambda line: line.picture.shape[1])
    pairs = []
    for start in range(0, len(ordered), 32):
        batch = pad(ordered[start : start + 32])
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(tensor(batch))
        for row, text in zip(logits.float().log_softmax(-1).numpy(), batch[1], strict=True):
            pairs.append((greedy(row, ALPHABET).text, text))
    return cer(pairs)


class Training:
    """Everything that a checkpoint holds, and the loop over it."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        torch.manual_seed(arguments.seed)
        torch.set_num_threads(arguments.threads)
        self.net = ReaderNet(len(ALPHABET) + 1, arguments.width)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean = copy.deepcopy(self.net)
        decay = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
            lr=arguments.lr,
            betas=(0.9, 0.98),
        )
        self.step = self.seen = 0
        self.spent = 0.0  # seconds of training, over all resumed runs
        self.log: list[dict[str, float]] = []

    def resume(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.mean.load_state_dict(state["mean"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seen, self.spent, self.log = state["step"], state["seen"], state["spent"], state["log"]

    def save(self, path: Path) -> None:
        state: dict[str, Any] = {
            "net": self.net.state_dict(),
            "mean": self.mean.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seen": self.seen,
            "spent": self.spent,
            "log": self.log,
        }
        temporary = path.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(path)

    def rate(self) -> float:
        """Linear warm-up over 300 steps, then a cosine over the time budget down to 1 %."""
        done = min(1.0, self.spent / (60.0 * self.arguments.minutes))
        return float(
            self.arguments.lr * min(1.0, (self.step + 1) / 300) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        )

    def learn(self, batch: Batch) -> float:
        self.net.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        x = tensor(batch)
        # Cheap variety on repeated lines: paler ink and a little noise.
        x = x * torch.empty(len(x), 1, 1, 1).uniform_(0.75, 1.0)
        if self.step % 2:
            x = (x + 0.03 * torch.randn_like(x)).clamp_(0, 1)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.arguments.bf16):
            logits = self.net(x)
        loss = ctc_loss(logits, batch[1])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        self._average()
        self.step += 1
        self.seen += len(batch[1])
        return float(loss.detach())

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(0.9985, (self.step + 1) / (self.step + 20))
        own, other = list(self.mean.state_dict().values()), list(self.net.state_dict().values())
        floats = [(a, b) for a, b in zip(own, other, strict=True) if a.is_floating_point()]
        torch._foreach_lerp_([a for a, _ in floats], [b for _, b in floats], 1 - keep)

    def run(self) -> None:
        a = self.arguments
        out: Path = a.out
        out.mkdir(parents=True, exist_ok=True)
        checkpoint = out / "checkpoint.pt"
        if checkpoint.exists():
            self.resume(checkpoint)
        elif a.start is not None:
            start_from(self.net, a.start)
            self.mean.load_state_dict(self.net.state_dict())
        manner = {
            "hand_share": a.hand_share, "clean": a.clean, "written": a.written,
            "mixed": a.mixed, "algorithms": a.algorithms, "ink_height": a.ink_height,
        }  # fmt: skip
        pool = Pool(a.seed + self.step, processes=a.generators, reuse=a.reuse, **manner)
        lines = held_out_lines(**manner) if a.start is not None else held_out_lines(ink_height=a.ink_height)
        smooth = 0.0
        last_check = last_export = last = time.monotonic()
        bar = tqdm(total=round(a.minutes * 60), initial=round(self.spent), unit="s", mininterval=5)
        try:
            for batch in pool.batches():
                loss = self.learn(batch)
                smooth = loss if smooth == 0.0 else 0.99 * smooth + 0.01 * loss
                now = time.monotonic()
                self.spent += now - last
                last = now
                bar.set_postfix(loss=f"{smooth:.3f}", lines=self.seen, refresh=False)
                bar.update(max(0, round(self.spent) - bar.n))
                done = self.spent >= 60 * a.minutes
                if done or now - last_check > 60 * a.check_minutes:
                    error = validate(self.mean, lines)
                    entry = {
                        "minutes": round(self.spent / 60, 1),
                        "lines": self.seen,
                        "steps": self.step,
                        "loss": round(smooth, 4),
                    }
                    self.log.append({**entry, "cer_unseen_fonts": round(error, 4)})
                    tqdm.write(json.dumps(self.log[-1]))
                    self.save(checkpoint)
                    last_check = time.monotonic()
                    if done or now - last_export > 60 * a.export_minutes - 30 or len(self.log) == 2:
                        self._export(out)
                        last_export = time.monotonic()
                if done:
                    break
        finally:
            pool.close()
            bar.close()

    def _export(self, out: Path) -> None:
        training = {"seed": self.arguments.seed, "width": self.arguments.width, **self.log[-1]}
        facts = {"training": training, "log": self.log}
        export(copy.deepcopy(self.mean), out, facts, self.arguments.ink_height)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run: checkpoint, exports; an existing one is resumed"
    )
    parser.add_argument("--minutes", type=float, default=90, help="training time in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=192, help="channels of the trunk")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument(
        "--bf16",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="bfloat16 arithmetic: twice as fast with AVX-512",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--generators", type=int, default=1, help="processes that draw lines")
    parser.add_argument("--reuse", type=int, default=2, help="times a drawn line is shown")
    parser.add_argument("--hand-share", type=float, default=0.2, help="share of hand-drawn faces")
    parser.add_argument("--clean", type=float, default=0.35, help="share of lines that are not spoiled")
    parser.add_argument("--written", type=float, default=0.0, help="share of hand-drawn faces drawn as a pen writes")
    parser.add_argument("--mixed", type=float, default=0.0, help="share of written lines in letters of several faces")
    parser.add_argument("--algorithms", type=float, default=0.0, help="share of texts that are steps of algorithms")
    parser.add_argument("--ink-height", type=int, default=INK_HEIGHT, help="rows of a line's 32 that its ink fills")
    parser.add_argument("--start", type=Path, help="folder of an exported net to start from, instead of from nothing")
    parser.add_argument("--nice", type=int, default=19, help="priority: other work goes first")
    parser.add_argument("--check-minutes", type=float, default=4)
    parser.add_argument("--export-minutes", type=float, default=8)
    arguments = parser.parse_args()
    os.nice(max(0, arguments.nice - os.nice(0)))  # the processes that draw inherit it
    Training(arguments).run()


if __name__ == "__main__":
    main()
