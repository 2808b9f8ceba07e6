"""Checks of a LoRA adapter against the base it is to sit on, from the files' headers alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from diagrasp.engines.qwen3vl.config import find_folder, read_json, tensors, weight_files
from diagrasp.engines.qwen3vl.prompt import PROMPT_VERSION
from diagrasp.errors import EngineUnavailable

CONFIG: Final = "adapter_config.json"
WEIGHTS: Final = "adapter_model.safetensors"
CARD: Final = "diagrasp.json"
"""What `diagrasp-train` notes beside an adapter: prompt version, base, data, figures."""
_KEY: Final = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])(?:\.\w+)?\.weight$")


def checked_adapter(name: str, base: Path) -> Path:
    """The folder of an adapter that fits the base.

    Args:
        name: folder or Hub id of the adapter.
        base: folder of the base checkpoint.

    Raises:
        EngineUnavailable: it is missing, corrupt, or made for another base; names the file and the module.
    """
    folder = find_folder(name)
    if folder is None:
        raise EngineUnavailable(
            f"there is no adapter {name}: put {CONFIG} and {WEIGHTS} there, or unset DIAGRASP_VLM_ADAPTER"
        )
    for needed in (CONFIG, WEIGHTS):
        if not (folder / needed).is_file():
            raise EngineUnavailable(f"the adapter {folder} lacks {needed}; put it there or unset DIAGRASP_VLM_ADAPTER")
    config = read_json(folder / CONFIG)
    if config.get("peft_type") != "LORA":
        raise EngineUnavailable(f"the adapter {folder} is of the type {config.get('peft_type')!r}; LORA is served")
    _check_shapes(folder, config, tensors(folder / WEIGHTS), base)
    return folder


def adapter_warning(folder: Path) -> str | None:
    """What makes an adapter work less well than it could: it was trained on another prompt."""
    if not (folder / CARD).is_file():
        return None
    trained = read_json(folder / CARD).get("prompt_version")
    if trained in (None, PROMPT_VERSION):
        return None
    return f"the adapter {folder} was trained on prompt {trained}, this engine asks prompt {PROMPT_VERSION}"


def _check_shapes(folder: Path, config: Mapping[str, Any], held: Mapping[str, tuple[int, ...]], base: Path) -> None:
    modules = {
        name.removesuffix(".weight"): shape
        for file in weight_files(base)
        for name, shape in tensors(file).items()
        if name.endswith(".weight")
    }
    trained = str(config.get("base_model_name_or_path") or "another model")
    found = 0
    for key, shape in held.items():
        match = _KEY.match(key)
        if match is None:
            continue
        found += 1
        module, side = match["module"], match["side"]
        target = modules.get(module)
        if target is None:
            raise EngineUnavailable(
                f"the adapter {folder} targets {module}, which the base {base} has not; it was trained on {trained}"
            )
        rank, width = (shape[0], shape[1]) if side == "A" else (shape[1], shape[0])
        wanted = _rank(config, module)
        if wanted and rank != wanted:
            raise EngineUnavailable(
                f"the adapter {folder} has rank {rank} at {module}, but its {CONFIG} says {wanted}; the files do not "
                "belong together"
            )
        size = target[1] if side == "A" else target[0]
        if width != size:
            raise EngineUnavailable(
                f"the adapter {folder} does not fit the base {base}: {module} is {width} wide in the one and {size} in "
                f"the other; it was trained on {trained}"
            )
    if not found:
        raise EngineUnavailable(f"the adapter {folder} holds no LoRA weights in {WEIGHTS}")


def _rank(config: Mapping[str, Any], module: str) -> int:
    for pattern, rank in (config.get("rank_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return int(rank)
    return int(config.get("r") or 0)
