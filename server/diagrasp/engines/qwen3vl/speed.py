"""How long a picture takes here: by what was measured, else by what the processor does in a tenth of a second.

What an engine measures is kept in a small file beside the cache, so that the next program knows it too.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.memory import estimate, parameters, shapes_of

PROMPT_TOKENS: Final = 420
"""Of the instruction, beside the picture and the draft."""
DRAFT_GAIN: Final = 2.0
"""How many times as quickly an answer is told whose draft is mostly right."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model did on this machine.

    Attributes:
        load_seconds: the cold start.
        tokens_per_second: of answers, prefill apart.
        prefill_per_second: tokens of prompts and pictures.
        memory: bytes at the peak.
        answers: that the figures are from.
    """

    load_seconds: float
    tokens_per_second: float
    prefill_per_second: float
    memory: int
    answers: int


def recall(file: Path | None, key: str) -> Measured | None:
    """What was measured of a model; None where nothing was, or the file is not ours."""
    try:
        return Measured(**_read(file)[key])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(file: Path | None, key: str, measured: Measured | None) -> None:
    """Write down what was measured.  A file that cannot be written costs nothing but the knowledge."""
    if file is None or measured is None:
        return
    with contextlib.suppress(OSError):
        try:
            known = _read(file)
        except (OSError, ValueError):
            known = {}
        known[key] = asdict(measured)
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.{time.monotonic_ns()}.part")
        fresh.write_text(json.dumps(known, indent=1), encoding="utf-8")
        fresh.replace(file)


def _read(file: Path | None) -> dict[str, Any]:
    found = json.loads(file.read_text(encoding="utf-8")) if file is not None else {}
    if not isinstance(found, dict):
        raise ValueError("not ours")
    return found


def speed_key(config: Config) -> str:
    """What a speed belongs to."""
    return f"{config.model} {config.device} {config.dtype} {config.quantization}"


def expected_seconds(measured: Measured, prompt: int, answer: int, *, drafted: bool) -> float:
    """Seconds for a picture.

    Args:
        measured: the speed.
        prompt: tokens of the prompt, the picture's among them.
        answer: tokens of the answer.
        drafted: whether a draft saves steps.
    """
    steps = answer / DRAFT_GAIN if drafted else answer
    return prompt / measured.prefill_per_second + steps / measured.tokens_per_second


def guessed(config: Config) -> Measured | None:
    """The speed to expect of a model on this machine's processor; None where the model's shape is not known.

    Reading a prompt is bound by arithmetic, telling an answer by how quickly the weights come from memory.
    """
    try:
        shapes: Mapping[str, Any] = shapes_of(config)
        linear, others = parameters(shapes)
        weights = estimate(config).weights
    except Exception:  # whatever lies in the folder, a guess may fail
        return None
    operations, bandwidth = processor()
    return Measured(0.0, bandwidth / weights, operations / (2 * (linear + others)), 0, 0)


@lru_cache(1)
def processor() -> tuple[float, float]:
    """Operations a second in float32 products, and bytes a second from memory, measured in about 0.2 seconds."""
    import numpy as np

    a = np.ones((768, 768), dtype=np.float32)
    a @ a
    started = time.perf_counter()
    rounds = 0
    while time.perf_counter() - started < 0.1:
        a @ a
        rounds += 1
    operations = rounds * 2 * 768**3 / (time.perf_counter() - started)
    large = np.ones(12_000_000, dtype=np.float32)  # far more than caches hold
    started = time.perf_counter()
    rounds = 0
    while time.perf_counter() - started < 0.1:
        large.sum()
        rounds += 1
    return operations, rounds * large.nbytes / (time.perf_counter() - started)
