"""Pictures drawn once and learnt from several times: small in memory, and the tensors of serving when they are used."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from diagrasp.engines.qwen3vl.loading import Loaded
from diagrasp.engines.qwen3vl.pixels import BUDGET, letter_height, plan
from diagrasp_train.lora.batches import Item, prepare
from diagrasp_train.lora.drafts import spoilt
from diagrasp_train.nano.family import Style, picture
from diagrasp_train.nano.questions import questions


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture of the family as it is kept.

    Attributes:
        item: as it is learnt from, but its patches are bytes and of one of the two equal frames (`unpacked`).
        asked: the right answers of its tokens, see `questions`.
    """

    item: Item
    asked: torch.Tensor

    @property
    def unpacked(self) -> Item:
        """With the patches that the model takes."""
        return replace(self.item, patches=unpack(self.item.patches))


def sample(loaded: Loaded, number: int, *, seed: int, style: Style, drafted: bool = False) -> Sample:
    """A picture of the family, with a spoilt draft in its prompt or without."""
    example = picture(number, seed=seed, style=style)
    budget = BUDGET["cpu"]
    draft = spoilt(example.diagram, example.name) if drafted else None
    item = prepare(example, loaded.tokenizer, loaded.processor, side=loaded.side, budget=budget, draft=draft)
    assert item is not None  # noqa: S101  the family's are short
    shown = plan(example.width, example.height, letter_height(example.pixels), budget=budget, side=loaded.side)
    asked = questions(example, shown, loaded.tokenizer)
    # Pictures of different sets have the same names.
    return Sample(replace(item, name=f"{seed} {item.name}", patches=pack(item.patches)), asked)


def pool(loaded: Loaded, count: int, *, seed: int, style: Style, drafts: float = 0.0) -> list[Sample]:
    """Pictures 0 to `count` of a set; a share of them, spread evenly, come with a draft to correct."""
    return [
        sample(loaded, n, seed=seed, style=style, drafted=int((n + 1) * drafts) > int(n * drafts)) for n in range(count)
    ]


def pack(patches: torch.Tensor) -> torch.Tensor:
    """Patches as bytes, (patches, 3, 256); what the picture processor makes of bytes comes back exactly."""
    frames = patches.reshape(len(patches), 3, 2, -1)
    return ((frames[:, :, 0] * 0.5 + 0.5) * 255).round().to(torch.uint8)


def unpack(packed: torch.Tensor) -> torch.Tensor:
    """The patches of bytes, (patches, 1536)."""
    values = (packed.float() / 255 - 0.5) / 0.5
    return values[:, :, None].expand(-1, -1, 2, -1).reshape(len(packed), -1)


def batches(samples: Sequence[Sample], size: int, seed: str, length: Callable[[Sample], int]) -> list[list[Sample]]:
    """Every sample once, in batches of samples about as long as each other.  The same seed gives the same batches."""
    rng = random.Random(seed)
    order = list(samples)
    rng.shuffle(order)
    some = 16 * size
    found = []
    for start in range(0, len(order), some):
        part = sorted(order[start : start + some], key=length)
        found += [part[i : i + size] for i in range(0, len(part), size)]
    rng.shuffle(found)
    return found


class Draw:
    """Batches by the number of a step, epoch after epoch."""

    def __init__(self, samples: Sequence[Sample], size: int, seed: str, length: Callable[[Sample], int]) -> None:
        self._samples, self._size, self._seed, self._length = samples, size, seed, length
        self._epoch = -1
        self._batches: list[list[Sample]] = []

    def __call__(self, step: int) -> list[Sample]:
        epoch, place = divmod(step, -(-len(self._samples) // self._size))
        if epoch != self._epoch:
            self._epoch = epoch
            self._batches = batches(self._samples, self._size, f"{self._seed} {epoch}", self._length)
        return self._batches[place]
