"""Examples into tensors: the very prompt and picture that serving uses, and a loss on the answer's tokens alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch

from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.pixels import letter_height, plan, resized
from diagrasp.engines.qwen3vl.prompt import answer_tokens, draft_of, prompt_tokens
from diagrasp.model import Diagram
from diagrasp_train.lora.examples import Example

if TYPE_CHECKING:
    from tokenizers import Tokenizer

IGNORED: Final = -100
"""The label of tokens that carry no loss."""


@dataclass(frozen=True, slots=True)
class Item:
    """One example as the model is trained on it."""

    name: str
    ids: list[int]
    types: list[int]
    labels: list[int]
    patches: torch.Tensor
    grid: torch.Tensor


def prepare(
    example: Example,
    tokenizer: Tokenizer,
    processor: Any,
    *,
    side: int,
    budget: int,
    longest: int = 8192,
    draft: Diagram | None = None,
) -> Item | None:
    """An example's tensors; None where prompt and answer together are longer than `longest` tokens.

    Args:
        example: picture and truth.
        tokenizer, processor: of the model.
        side: pixels along a token's side.
        budget: the most tokens that the picture may cost.
        longest: tokens of prompt and answer.
        draft: what stands in the prompt to be corrected.
    """
    size = plan(example.width, example.height, letter_height(example.pixels), budget=budget, side=side)
    words = draft_of(draft, example.width, example.height) if draft else ""
    prompt = prompt_tokens(tokenizer, size.tokens, words)
    answer = answer_tokens(tokenizer, write(ordered(example.diagram), example.width, example.height))
    if len(prompt.ids) + len(answer) > longest:
        return None
    features = processor(images=[resized(example.pixels, size)], do_resize=False, return_tensors="pt")
    return Item(
        example.name,
        prompt.ids + answer,
        prompt.types + [0] * len(answer),
        [IGNORED] * len(prompt.ids) + answer,
        features["pixel_values"],
        features["image_grid_thw"],
    )


def collate(items: Sequence[Item], pad: int, device: torch.device, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """A batch, padded on the right."""
    longest = max(len(item.ids) for item in items)

    def padded(rows: list[list[int]], filler: int) -> torch.Tensor:
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows], dtype=torch.long, device=device)

    return {
        "input_ids": padded([item.ids for item in items], pad),
        "attention_mask": padded([[1] * len(item.ids) for item in items], 0),
        "mm_token_type_ids": padded([item.types for item in items], 0),
        "labels": padded([item.labels for item in items], IGNORED),
        "pixel_values": torch.cat([item.patches for item in items]).to(device, dtype),
        "image_grid_thw": torch.cat([item.grid for item in items]).to(device),
    }
