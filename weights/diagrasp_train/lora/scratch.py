"""A Qwen3-VL of one's own size, from nothing: the same classes and files as the published ones.

Its tokenizer is a byte-level BPE learnt on answers and the prompt, so that a small vocabulary says both in few tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from diagrasp.engines.qwen3vl.prompt import IMAGE, INSTRUCTION, START, STOP
from diagrasp.engines.qwen3vl.vocabulary import special_ids

SPECIAL: Final = ("<|endoftext|>", START, STOP, *IMAGE, "<|video_pad|>")
SPLIT: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen's tokenizers part text before merging."""


@dataclass(frozen=True, slots=True)
class Size:
    """The shape of a small model.

    Attributes:
        hidden, layers, heads: of the language model; its feed-forward layers are three times as wide.
        vision, depth, vision_heads: of the vision tower; three times as wide inside.
        vocabulary: tokens, the special ones included.
        places: the vision tower's learnt positions along a side.
        deepstack: how many of the tower's layers speak to the language model beside the last.
    """

    hidden: int = 48
    layers: int = 2
    heads: int = 4
    vision: int = 32
    depth: int = 2
    vision_heads: int = 2
    vocabulary: int = 1024
    places: int = 16
    deepstack: int = 3


NUMBERS_WHOLE: Final = SPLIT.replace(r"\p{N}| ?", r" ?\p{N}{1,4}| ?")
"""The same, but a number may become one token with the space before it."""


def make_tokenizer(
    answers: Iterable[str], vocabulary: int, *, split: str = SPLIT, whole: Sequence[str] = ()
) -> Tokenizer:
    """A byte-level BPE tokenizer learnt on answers and the prompt.

    Args:
        answers: what its tokens are learnt on.
        vocabulary: how many there may be, the special ones included.
        split: how text is parted before merging.
        whole: texts that become one token each; they can be read, never said.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(SPECIAL) - len(whole),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # The prompt counts often enough that it becomes a few long tokens; answers decide the rest.
    tokenizer.train_from_iterator([*answers, *([] if whole else [INSTRUCTION] * 3)], trainer)
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in whole])
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    return tokenizer


def make_config(size: Size, tokenizer: Tokenizer) -> Qwen3VLConfig:
    """The configuration of a model of that size."""
    ids = dict(zip(SPECIAL, special_ids(tokenizer, *SPECIAL), strict=True))
    head = size.hidden // size.heads
    third = head // 2 // 4
    text: dict[str, Any] = {
        "vocab_size": tokenizer.get_vocab_size(), "hidden_size": size.hidden, "intermediate_size": size.hidden * 3,
        "num_hidden_layers": size.layers, "num_attention_heads": size.heads,
        "num_key_value_heads": max(1, size.heads // 2), "head_dim": head, "max_position_embeddings": 16384,
        "bos_token_id": ids["<|endoftext|>"], "eos_token_id": ids[STOP], "pad_token_id": ids["<|endoftext|>"],
        # The published models' 0.02 suits their width; narrow ones hardly start from it.
        "initializer_range": size.hidden**-0.5 / 2,
        "rope_parameters": {
            "rope_type": "default", "rope_theta": 100_000.0, "mrope_interleaved": True,
            "mrope_section": [head // 2 - 2 * third, third, third],
        },
    }  # fmt: skip
    vision: dict[str, Any] = {
        "depth": size.depth, "hidden_size": size.vision, "intermediate_size": size.vision * 3,
        "num_heads": size.vision_heads, "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2,
        "out_hidden_size": size.hidden, "num_position_embeddings": size.places**2,
        "initializer_range": size.vision**-0.5 / 2,
        "deepstack_visual_indexes": list(range(min(size.layers, size.depth, size.deepstack))),
    }  # fmt: skip
    return Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
    )


def make_model(size: Size, tokenizer: Tokenizer, seed: int = 0) -> Any:
    """An untrained model.  The same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Qwen3VLForConditionalGeneration(make_config(size, tokenizer))


def save(folder: Path, model: Any, tokenizer: Tokenizer, processor: Any | None = None) -> None:
    """Write a checkpoint folder of the files that published checkpoints have."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "Qwen2Tokenizer", "eos_token": STOP, "pad_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (processor or make_processor()).save_pretrained(folder)


def make_processor() -> Any:
    """Qwen3-VL's picture processor: patches of 16 pixels, values about zero."""
    half = [0.5, 0.5, 0.5]
    return Qwen2VLImageProcessorPil(
        patch_size=16, merge_size=2, temporal_patch_size=2, image_mean=half, image_std=half,
        size={"shortest_edge": 65536, "longest_edge": 16777216},
    )  # fmt: skip
