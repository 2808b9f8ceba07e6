"""A trained nano as it is handed on: the base in bfloat16, its LoRA beside it, and nothing of the machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file

from diagrasp.engines.qwen3vl.adapter import CARD
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.loading import load

BASE_FILES: Final = ("tokenizer.json", "tokenizer_config.json", "preprocessor_config.json", CARD)
ADAPTER: Final = ("adapter_config.json", "adapter_model.safetensors")


def publish(base: Path, adapter: Path | None, out: Path, *, name: str = "nano") -> int:
    """Write a checkpoint in bfloat16, and its LoRA as the folder's `sketch`.

    Args:
        base, adapter: what `diagrasp-train nano` made.
        out: the folder to write.
        name: by which the base is named in the files.

    Returns:
        The size of all weights in bytes.
    """
    out.mkdir(parents=True, exist_ok=True)
    model = load(Config(str(base), device="cpu", dtype="float32")).model
    model.to(torch.bfloat16).save_pretrained(out)
    for each in BASE_FILES:
        if (base / each).is_file():
            shutil.copyfile(base / each, out / each)
    _renamed(out / CARD, "base", "")
    _renamed(out / CARD, "elsewhere", 0.0)  # so that `auto` never asks it
    if adapter is not None:
        place = out / "sketch"
        place.mkdir(exist_ok=True)
        held = load_file(adapter / ADAPTER[1])
        save_file({key: each.to(torch.bfloat16) for key, each in held.items()}, place / ADAPTER[1], {"format": "pt"})
        for each in (ADAPTER[0], CARD):
            shutil.copyfile(adapter / each, place / each)
        _renamed(place / ADAPTER[0], "base_model_name_or_path", name)
        _renamed(place / CARD, "base", name)
    return sum(each.stat().st_size for each in out.rglob("*.safetensors"))


def _renamed(file: Path, key: str, value: str | float) -> None:
    """Replace one value of a JSON file, if the file is there."""
    if file.is_file():
        held = json.loads(file.read_text(encoding="utf-8")) | {key: value}
        file.write_text(json.dumps(held, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
