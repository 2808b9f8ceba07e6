"""What the engine is told by the settings, and where it finds its weights: nothing is loaded here."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from diagrasp.errors import EngineUnavailable
from diagrasp.settings import Settings

DEFAULT_MODEL: Final = "Qwen/Qwen3-VL-2B-Instruct"
NEEDED: Final = ("config.json", "tokenizer.json", "preprocessor_config.json")
"""Files that a checkpoint's folder must hold beside its `*.safetensors`."""
INDEX: Final = "model.safetensors.index.json"
SIZES: Final = {
    "Qwen/Qwen3-VL-2B-Instruct": "4.3 GB",
    "Qwen/Qwen3-VL-4B-Instruct": "8.9 GB",
    "Qwen/Qwen3-VL-8B-Instruct": "17.5 GB",
}
"""Downloads of the published checkpoints (bfloat16)."""
NO_ADAPTER: Final = ("none", "off")
"""What a request says to have the adapters left aside."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings that concern the engine.

    Attributes:
        model: folder or Hub id of the base model.
        adapter: folders or Hub ids of LoRAs, separated by commas, each with a name where wanted (`hand=weights/hand`);
            the first is used unless a request names another; None for the bare model.
        merge: whether the one adapter is merged into the base, which answers a little faster and cannot be undone.
        notes: the file in which measured speeds are kept.
        idle: seconds without a request after which the weights are let go; 0 for never.
        device: auto, cpu, cuda, cuda:N or mps.
        dtype: auto, float32, bfloat16 or float16.
        quantization: none, int8 or int4.
        max_new_tokens: the longest answer, in tokens.
        timeout: seconds that one answer may take.
        queue: answers waiting before more are refused.
    """

    model: str = DEFAULT_MODEL
    adapter: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    quantization: str = "none"
    max_new_tokens: int = 4096
    timeout: float = 120.0
    queue: int = 32
    merge: bool = False
    idle: float = 0.0
    notes: Path | None = None

    @property
    def adapters(self) -> dict[str, str]:
        """Adapters by name: the name given, else that of the folder.  Raises EngineUnavailable where two share one."""
        found: dict[str, str] = {}
        for each in filter(None, (part.strip() for part in (self.adapter or "").split(","))):
            name, sign, place = each.partition("=")
            if not sign:
                name, place = adapter_name(each), each
            if name in found or name in NO_ADAPTER:
                raise EngineUnavailable(f"DIAGRASP_VLM_ADAPTER: name the adapters, as in a=FOLDER,b=FOLDER ({name!r})")
            found[name] = place
        return found

    @classmethod
    def of(cls, settings: Settings) -> Config:
        return cls(
            model=settings.vlm_model or DEFAULT_MODEL,
            adapter=settings.vlm_adapter,
            device=settings.device,
            dtype=settings.dtype,
            quantization=settings.quantization,
            max_new_tokens=settings.max_new_tokens,
            timeout=settings.timeout,
            queue=settings.queue,
            merge=settings.vlm_merge,
            idle=settings.vlm_idle,
            notes=settings.db.with_name(f"{settings.db.name}-vision.json"),
        )


def adapter_name(place: str) -> str:
    """What an adapter is called that was given no name: its folder's, with nothing in it that peft does not take."""
    last = place.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w-]", "_", last) or "adapter"


def is_hub_id(name: str) -> bool:
    """Whether a name can only be `owner/name` on the Hub: one slash, no such folder here."""
    parts = name.split("/")
    plain = len(parts) == 2 and all(parts) and not name.startswith((".", "~", "/")) and "\\" not in name
    return plain and not Path(name).exists() and parts[0] not in ("weights", "models")


def find_folder(name: str) -> Path | None:
    """The folder of a checkpoint or adapter on this machine: itself, or the Hub's cache; None where there is none."""
    if not is_hub_id(name):
        folder = Path(name).expanduser()
        return folder if folder.is_dir() else None
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub") / f"models--{name.replace('/', '--')}"
    try:
        revision = (cache / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = cache / "snapshots" / revision
    return folder if folder.is_dir() else None


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a checkpoint, as its index lists them.

    Raises:
        EngineUnavailable: none is there, or the index names one that is not.
    """
    index = folder / INDEX
    if index.is_file():
        names = sorted(set(read_json(index).get("weight_map", {}).values()))
        files = [folder / Path(name).name for name in names]
        for file in files:
            if not file.is_file():
                raise EngineUnavailable(f"{folder} lacks {file.name}, which its {INDEX} lists; put it there")
        if files:
            return files
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise EngineUnavailable(f"{folder} holds no *.safetensors; put the model's weights there")
    return files


def checked_folder(model: str) -> Path:
    """The folder of a complete checkpoint.

    Raises:
        EngineUnavailable: it is missing or incomplete; says what to put where.
    """
    folder = find_folder(model)
    if folder is None:
        raise EngineUnavailable(missing(model))
    for name in NEEDED:
        if not (folder / name).is_file():
            raise EngineUnavailable(f"{folder} lacks {name}; copy it from the model's page ({where(model)})")
    config = read_json(folder / "config.json")
    if config.get("model_type") != "qwen3_vl":
        raise EngineUnavailable(
            f"{folder / 'config.json'} is of the type {config.get('model_type')!r}; this engine serves qwen3_vl"
        )
    for file in weight_files(folder):
        tensors(file)
    return folder


def missing(model: str, reason: str = "") -> str:
    """What to do about weights that are not there."""
    size = SIZES.get(model, f"{SIZES[DEFAULT_MODEL]} for the 2B model")
    files = f"{', '.join(NEEDED)} and *.safetensors ({size})"
    because = f" and cannot be fetched ({reason})" if reason else ""
    if is_hub_id(model):
        return (
            f"the weights of {model} are not on this machine{because}: run `hf download {model}`, or put {files} "
            f"into a folder and set DIAGRASP_VLM_MODEL to it"
        )
    return f"there is no folder {model}: put {files} of a Qwen3-VL there, or set DIAGRASP_VLM_MODEL to {DEFAULT_MODEL}"


def where(model: str) -> str:
    """The Hub id to get a model's files from."""
    return model if is_hub_id(model) else DEFAULT_MODEL


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object.  Raises EngineUnavailable naming the file."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineUnavailable(f"{file} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise EngineUnavailable(f"{file} holds no JSON object")
    return found


def tensors(file: Path) -> Mapping[str, tuple[int, ...]]:
    """Names and shapes of what a safetensors file holds, from its header alone.

    Raises:
        EngineUnavailable: it is corrupt or not all there.
    """
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if not 2 <= length <= min(size - 8, 100_000_000):
                raise ValueError("its header is broken")
            header = json.loads(opened.read(length))
        header.pop("__metadata__", None)
        end = max((entry["data_offsets"][1] for entry in header.values()), default=0)
        if size < 8 + length + end:
            raise ValueError(f"it ends after {size} of {8 + length + end} bytes")
        return {name: tuple(entry["shape"]) for name, entry in header.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineUnavailable(f"{file} is corrupt: {error}; fetch it again") from None


def fingerprint(folder: Path, *, whole: bool) -> str:
    """A hash of a folder's configuration and weights.

    Args:
        folder: of a checkpoint or adapter.
        whole: whether weights are hashed to the last byte (adapters); else by their headers and both ends (gigabytes).
    """
    digest = hashlib.sha256()
    for file in sorted([*folder.glob("*.json"), *folder.glob("*.safetensors")]):
        digest.update(f"{file.name}:{file.stat().st_size}\n".encode())
        with file.open("rb") as opened:
            if whole or file.suffix == ".json":
                for block in iter(lambda: opened.read(1 << 20), b""):
                    digest.update(block)
            else:
                digest.update(opened.read(1 << 20))
                opened.seek(max(0, file.stat().st_size - (1 << 16)))
                digest.update(opened.read(1 << 16))
    return digest.hexdigest()
