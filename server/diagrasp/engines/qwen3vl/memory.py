"""What a Qwen3-VL takes in memory, computed from its architecture alone: the figures of `diagrasp doctor`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from diagrasp.engines.qwen3vl.config import Config, find_folder, read_json, tensors, weight_files
from diagrasp.errors import EngineUnavailable

BYTES: Final = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.0, "int4": 0.5}
PUBLISHED: Final[Mapping[str, Mapping[str, Any]]] = {
    name: {
        "tie_word_embeddings": tied,
        "text_config": {
            "hidden_size": hidden, "intermediate_size": wide, "num_hidden_layers": layers, "num_attention_heads": heads,
            "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
        },
        "vision_config": {
            "hidden_size": vision, "intermediate_size": vision_wide, "depth": depth, "num_heads": 16, "patch_size": 16,
            "temporal_patch_size": 2, "spatial_merge_size": 2, "in_channels": 3, "out_hidden_size": hidden,
            "num_position_embeddings": 2304, "deepstack_visual_indexes": [0, 0, 0],
        },
    }
    for name, hidden, wide, layers, heads, tied, vision, vision_wide, depth in (
        ("Qwen/Qwen3-VL-2B-Instruct", 2048, 6144, 28, 16, True, 1024, 4096, 24),
        ("Qwen/Qwen3-VL-4B-Instruct", 2560, 9728, 36, 32, True, 1024, 4096, 24),
        ("Qwen/Qwen3-VL-8B-Instruct", 4096, 12288, 36, 32, False, 1152, 4304, 27),
    )
}  # fmt: skip
"""The shapes of the published checkpoints, from their `config.json`."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes, by what they are for."""

    weights: int
    cache: int
    vision: int
    logits: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.vision + self.logits


def parameters(config: Mapping[str, Any]) -> tuple[int, int]:
    """Parameters of a Qwen3-VL: those in the language model's linear layers, and all the others.

    Args:
        config: its `config.json`.
    """
    text, vision = config["text_config"], config["vision_config"]
    hidden, wide = text["hidden_size"], text["intermediate_size"]
    queries, keys = (text[key] * text["head_dim"] for key in ("num_attention_heads", "num_key_value_heads"))
    linear = text["num_hidden_layers"] * (hidden * (2 * queries + 2 * keys) + 3 * hidden * wide)
    norms = text["num_hidden_layers"] * (2 * hidden + 2 * text["head_dim"]) + hidden
    tied = config.get("tie_word_embeddings", False)
    embeddings = text["vocab_size"] * hidden * (1 if tied else 2)
    seen, broad = vision["hidden_size"], vision["intermediate_size"]
    patch = vision["in_channels"] * vision["temporal_patch_size"] * vision["patch_size"] ** 2
    block = 4 * seen * seen + 4 * seen + 2 * seen * broad + seen + broad + 4 * seen
    merged = seen * vision["spatial_merge_size"] ** 2
    merger = merged * merged + merged + merged * vision["out_hidden_size"] + vision["out_hidden_size"]
    mergers = merger + 2 * seen + len(vision["deepstack_visual_indexes"]) * (merger + 2 * merged)
    tower = patch * seen + seen + vision["num_position_embeddings"] * seen + vision["depth"] * block + mergers
    return linear, norms + embeddings + tower


def estimate_for(
    config: Mapping[str, Any], dtype: str, *, quantization: str = "none", image_tokens: int = 2048, tokens: int = 3500
) -> Memory:
    """What answering one picture takes at its peak.

    Args:
        config: the model's `config.json`.
        dtype: float32, bfloat16 or float16.
        quantization: none, int8 or int4, of the language model's linear layers.
        image_tokens: of the picture.
        tokens: of prompt and answer together.
    """
    size = BYTES[dtype]
    linear, others = parameters(config)
    each = size if quantization == "none" else BYTES[quantization] * 1.06  # scales of the groups
    text, vision = config["text_config"], config["vision_config"]
    cache = text["num_hidden_layers"] * 2 * text["num_key_value_heads"] * text["head_dim"] * tokens * size
    patches = image_tokens * vision["spatial_merge_size"] ** 2
    # A block holds its input, queries, keys, values and their rotated copies, or its input and the wide layer twice;
    # ten and three widths are what was measured (`diagrasp-train bench --only memory`).
    seen, broad = vision["hidden_size"], vision["intermediate_size"]
    block = patches * max(10 * seen, 3 * seen + 2 * broad) * size
    kept = len(vision["deepstack_visual_indexes"]) * image_tokens * vision["out_hidden_size"] * size
    patch = vision["in_channels"] * vision["temporal_patch_size"] * vision["patch_size"] ** 2
    text_block = tokens * (4 * text["hidden_size"] + 2 * text["intermediate_size"]) * size
    logits = text["vocab_size"] * 4 * 3
    return Memory(
        int(linear * each + others * size),
        int(cache),
        int(max(block + kept, text_block) + patches * patch * 4),
        int(logits),
    )


def shapes_of(config: Config) -> Mapping[str, Any]:
    """The `config.json` of the configured model; of an unknown one that is not here, that of the 2B model."""
    folder = find_folder(config.model)
    if folder is not None and (folder / "config.json").is_file():
        return read_json(folder / "config.json")
    return PUBLISHED.get(config.model) or next(iter(PUBLISHED.values()))


def estimate(config: Config) -> Memory:
    """What the configured model takes; of an unknown one that is not here, what the 2B model takes."""
    shapes = shapes_of(config)
    dtype = config.dtype if config.dtype in BYTES else _usual_dtype(config.device)
    # Off CUDA torchao keeps four-bit values in whole bytes.
    unpacked = config.quantization == "int4" and config.device in ("cpu", "mps")
    return estimate_for(shapes, dtype, quantization="int8" if unpacked else config.quantization)


def describe(config: Config) -> str:
    """What the configured model takes in memory, in a few words; never fails, whatever lies in its folder."""
    try:
        need = estimate(config).total
    except (EngineUnavailable, KeyError, TypeError):
        return f"{config.model} cannot be estimated"
    dtype = config.dtype if config.dtype in BYTES else _usual_dtype(config.device)
    kind = dtype if config.quantization == "none" else f"{dtype} with {config.quantization}"
    return f"{config.model} as {kind} takes about {need / 1e9:.1f} GB for a picture"


def held_parameters(folder: Path) -> int:
    """Parameters that a checkpoint's files hold, by their headers."""
    total = 0
    for file in weight_files(folder):
        for shape in tensors(file).values():
            count = 1
            for side in shape:
                count *= side
            total += count
    return total


def free_memory(config: Config) -> int:
    """Bytes free for the model on this machine: of the GPU where it is named, else of main memory; 0 where unknown."""
    if config.device.startswith("cuda"):
        return 0  # asking the driver would load torch
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    found = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return found.get("MemAvailable", 0)


def table() -> str:
    """The published models by number type, in Markdown: what fits where."""
    rows = ["| model | parameters | float32 | bfloat16 | int8 | int4 |", "|---|---|---|---|---|---|"]
    for name, shapes in PUBLISHED.items():
        cells = [f"{sum(parameters(shapes)) / 1e9:.2f} B"]
        for kind in ("float32", "bfloat16", "int8", "int4"):
            quantized = kind.startswith("int")
            memory = estimate_for(shapes, "bfloat16" if quantized else kind, quantization=kind if quantized else "none")
            cells.append(f"{memory.total / 1e9:.1f} GB")
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _usual_dtype(device: str) -> str:
    return "bfloat16" if device.startswith("cuda") else "float16" if device == "mps" else "float32"
