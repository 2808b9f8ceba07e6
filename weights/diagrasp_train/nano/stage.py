"""One stage of training: a loss of a step's number, AdamW, a rate that rises and falls, and a state to go on from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True, slots=True)
class Stage:
    """How a stage is trained.

    Attributes:
        name: of its state's file.
        steps, batch: how long.
        rate: the highest learning rate, reached after `warmup` steps, falling to a twentieth along a cosine.
        every: steps between looks at held-out pictures, after which the state is saved.
    """

    name: str
    steps: int
    batch: int
    rate: float
    warmup: int = 50
    every: int = 100


def run(
    stage: Stage,
    folder: Path,
    weights: dict[str, torch.nn.Parameter],
    loss_of: Callable[[int], torch.Tensor],
    judged: Callable[[], str],
    log: Callable[[str], None],
) -> bool:
    """Train to the stage's end, from where it was stopped.

    Args:
        stage: how.
        folder: where its state lies.
        weights: what is trained.
        loss_of: the loss of a step, by its number alone.
        judged: says how held-out pictures do.
        log: told a line now and then.

    Returns:
        Whether there was anything left to do.
    """
    learnt = list(weights.values())
    optimizer = torch.optim.AdamW(learnt, lr=stage.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    place = folder / f"{stage.name}.pt"
    start = _resume(place, weights, optimizer)
    if start >= stage.steps:
        return False
    began, total = time.monotonic(), 0.0
    for step in range(start, stage.steps):
        rate = rate_at(stage, step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = loss_of(step)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += float(loss.detach())
        done = step + 1
        if done % 20 == 0:
            log(f"{stage.name} {done}/{stage.steps}: loss {total / 20:.4f}, {time.monotonic() - began:.0f} s")
            total = 0.0
        if done % stage.every == 0 or done == stage.steps:
            log(f"{stage.name} {done}/{stage.steps}: {judged()}")
            _save(place, weights, optimizer, done)
    return True


def rate_at(stage: Stage, step: int) -> float:
    """The learning rate of a step."""
    rising = min(1.0, (step + 1) / max(1, stage.warmup))
    return stage.rate * rising * (0.525 + 0.475 * math.cos(math.pi * step / stage.steps))


def _save(place: Path, weights: dict[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer, done: int) -> None:
    fresh = place.with_suffix(".part")
    kept = {name: each.detach() for name, each in weights.items()}
    torch.save({"done": done, "weights": kept, "optimizer": optimizer.state_dict()}, fresh)
    fresh.replace(place)  # whole or not at all


def _resume(place: Path, weights: dict[str, torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> int:
    if not place.is_file():
        return 0
    state = torch.load(place, weights_only=True)
    with torch.no_grad():
        for name, each in weights.items():
            each.copy_(state["weights"][name])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["done"])


def named(*modules: tuple[str, torch.nn.Module]) -> dict[str, torch.nn.Parameter]:
    """The parameters of modules that ask for gradients, by name; a shared one once."""
    found: dict[str, torch.nn.Parameter] = {}
    seen: set[int] = set()
    for prefix, module in modules:
        for name, each in module.named_parameters():
            if each.requires_grad and id(each) not in seen:
                seen.add(id(each))
                found[f"{prefix}.{name}"] = each
    return found
