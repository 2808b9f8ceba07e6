"""Weights into memory: base model, adapter, tokenizer and picture processor.

Importing this module imports torch and transformers; only the worker's thread does.
"""

from __future__ import annotations

import logging
import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Tokenizer
from transformers import Qwen3VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.utils import logging as transformers_logging

from diagrasp.engines.qwen3vl.adapter import checked_adapter
from diagrasp.engines.qwen3vl.config import (
    NEEDED,
    Config,
    checked_folder,
    find_folder,
    is_hub_id,
    missing,
)
from diagrasp.engines.qwen3vl.prompt import STOP
from diagrasp.engines.qwen3vl.vocabulary import Vocabulary, special_ids
from diagrasp.errors import EngineUnavailable

log = logging.getLogger(__name__)
_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to generate.

    Attributes:
        model: the base, or the base under its adapter.
        side: pixels along the side of what becomes one token.
        stop, pad: token ids.
        adapters: the names of those on it, the usual one first; none where it was merged.
        seconds: what loading took.
        before: bytes that the process held before.
    """

    model: Any
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    processor: Any
    device: torch.device
    dtype: torch.dtype
    side: int
    stop: int
    pad: int
    adapters: tuple[str, ...]
    seconds: float
    before: int = 0

    @property
    def adapted(self) -> bool:
        """Whether there is an adapter that can be left aside."""
        return bool(self.adapters)

    @property
    def name(self) -> str:
        """What it runs as, e.g. `bfloat16 on cuda:0`."""
        return f"{str(self.dtype).removeprefix('torch.')} on {self.device}"


def load(config: Config) -> Loaded:
    """Load what the settings name.

    Raises:
        EngineUnavailable: weights or packages are missing, corrupt or do not fit together; says what to do.
    """
    started, before = time.monotonic(), resident()
    quiet: Any = transformers_logging
    quiet.disable_progress_bar()
    folder = local_folder(config.model)
    adapters = {name: checked_adapter(place, folder) for name, place in config.adapters.items()}
    if config.merge and len(adapters) != 1:
        raise EngineUnavailable(
            f"DIAGRASP_VLM_MERGE merges one adapter, and DIAGRASP_VLM_ADAPTER names {len(adapters)}"
        )
    device = choose_device(config.device)
    dtype = choose_dtype(config.dtype, device)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    try:
        stop, pad = special_ids(tokenizer, STOP, "<|endoftext|>")
        vocabulary = Vocabulary.of(tokenizer)
    except ValueError as error:
        raise EngineUnavailable(f"{folder / 'tokenizer.json'}: {error}") from None
    processor = Qwen2VLImageProcessorPil.from_pretrained(folder)
    model = _base(folder, device, dtype, config.quantization)
    for name, adapter in adapters.items():
        model = _adapted(model, adapter, name)
    if adapters and not config.merge:
        model.set_adapter(next(iter(adapters)), inference_mode=True)
    elif config.merge:
        model = _merged(model, next(iter(adapters.values())))
        adapters = {}
    model.eval()
    vision = model.config.vision_config
    seconds = time.monotonic() - started
    log.info("loaded %s in %.1f s", config.model, seconds)
    side = int(vision.patch_size) * int(vision.spatial_merge_size)
    return Loaded(
        model, tokenizer, vocabulary, processor, device, dtype, side, stop, pad, tuple(adapters), seconds, before
    )


def local_folder(model: str) -> Path:
    """The checkpoint's folder, fetched from the Hub first where it is a Hub id that is not here yet.

    Raises:
        EngineUnavailable: it cannot be had; says what to put where.
    """
    if is_hub_id(model) and find_folder(model) is None:
        from huggingface_hub import snapshot_download

        try:
            snapshot_download(model, allow_patterns=[*NEEDED, "*.safetensors", "*.json"], etag_timeout=10)
        except Exception as error:  # whatever the client raises, the remedy is the same
            reason = str(error).split("\n")[0][:200] or type(error).__name__
            raise EngineUnavailable(missing(model, reason)) from error
    return checked_folder(model)


def choose_device(wanted: str) -> torch.device:
    """The device of a setting.  Raises EngineUnavailable where there is no such device."""
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise EngineUnavailable(f"DIAGRASP_DEVICE: no device {wanted!r}; use auto, cpu, cuda, cuda:N or mps") from None
    able = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not able.get(device.type, False):
        raise EngineUnavailable(f"DIAGRASP_DEVICE: this machine has no {wanted}; use auto or cpu")
    return device


def choose_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """The number type of a setting.  Raises EngineUnavailable where it is unknown."""
    if wanted != "auto":
        name = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}.get(wanted, wanted)
        if name not in _DTYPES:
            raise EngineUnavailable(f"DIAGRASP_DTYPE: no type {wanted!r}; use auto, {', '.join(_DTYPES)}")
        return _DTYPES[name]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device.type == "mps" else torch.float32


def _base(folder: Path, device: torch.device, dtype: torch.dtype, quantization: str) -> Any:
    options: dict[str, Any] = {"dtype": dtype, "attn_implementation": "sdpa", "local_files_only": True}
    if quantization != "none":
        options |= {"quantization_config": _quantization(quantization, device), "device_map": {"": str(device)}}
    model: Any
    try:
        model = Qwen3VLForConditionalGeneration.from_pretrained(folder, **options)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise EngineUnavailable(f"{folder} cannot be loaded: {str(error).strip().splitlines()[0]}") from error
    return model if quantization != "none" else model.to(device)


def _quantization(kind: str, device: torch.device) -> Any:
    """The configuration of bitsandbytes on CUDA, of torchao elsewhere."""
    package = "bitsandbytes" if device.type == "cuda" else "torchao"
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise EngineUnavailable(f"DIAGRASP_QUANTIZATION={kind} on {device.type} needs `pip install {package}`")
    if device.type == "cuda":
        from transformers import BitsAndBytesConfig

        make: Any = BitsAndBytesConfig
        return make(load_in_8bit=kind == "int8", load_in_4bit=kind == "int4")
    from torchao.quantization import Int8WeightOnlyConfig, IntxWeightOnlyConfig
    from transformers import TorchAoConfig

    weights = Int8WeightOnlyConfig() if kind == "int8" else IntxWeightOnlyConfig(weight_dtype=getattr(torch, "int4"))  # noqa: B009  newer than the stubs
    return TorchAoConfig(weights, modules_to_not_convert=["lm_head", "visual"])


def resident() -> int:
    """Bytes of main memory that this process holds; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  asked after each answer, and a Path is slower
            fields = file.read().split()
    except OSError:
        return 0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def _merged(model: Any, folder: Path) -> Any:
    try:
        return model.merge_and_unload(safe_merge=True)
    except Exception as error:
        first = str(error).strip().splitlines()[0]
        raise EngineUnavailable(f"the adapter {folder} cannot be merged (DIAGRASP_VLM_MERGE): {first}") from error


def _adapted(model: Any, folder: Path, name: str) -> Any:
    """The model with one more adapter on it."""
    from peft import PeftModel

    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            if isinstance(model, PeftModel):
                model.load_adapter(str(folder), adapter_name=name)
                adapted: Any = model
            else:
                adapted = PeftModel.from_pretrained(model, str(folder), adapter_name=name)
    except Exception as error:
        first = str(error).strip().splitlines()[0]
        raise EngineUnavailable(f"the adapter {folder} cannot be loaded: {first}") from error
    for each in said:  # peft only warns of weights that the file lacks
        if "missing adapter keys" in str(each.message).lower():
            raise EngineUnavailable(f"the adapter {folder} lacks weights that its configuration names; fetch it again")
    return adapted
