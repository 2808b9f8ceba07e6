"""Where the weights of the vision tower begin, so that little has to be learnt before something can be learnt.

Patches begin as their cosine transform, which loses little of a letter and nothing of flat paper's colour counts for
much; places begin as waves along both sides; and what the tower's middle tells the language model begins as silence.
"""

from __future__ import annotations

import math
from typing import Any, Final

import torch

COLOURED: Final = 8
"""How many frequencies are taken of each colour for itself; all others are of grey."""


@torch.no_grad()
def settle(model: Any) -> None:
    """Set the beginnings of a Qwen3-VL's tower; the same each time."""
    visual = model.model.visual
    weight = visual.patch_embed.proj.weight  # (width, 3, 2, side, side)
    weight.copy_(_cosines(weight.shape[0], weight.shape[-1])[:, :, None].expand_as(weight) / weight.shape[2])
    visual.patch_embed.proj.bias.zero_()
    places = visual.pos_embed.weight
    places.copy_(_waves(round(math.sqrt(places.shape[0])), places.shape[1]))
    for merger in visual.deepstack_merger_list:
        merger.linear_fc2.weight.zero_()
        merger.linear_fc2.bias.zero_()


def _cosines(count: int, side: int) -> torch.Tensor:
    """The lowest frequencies of a patch, (count, 3, side, side): first those of single colours, then those of grey."""
    at = (torch.arange(side) + 0.5) * math.pi / side
    basis = torch.stack([torch.cos(k * at) for k in range(side)]) * math.sqrt(2 / side)
    basis[0] /= math.sqrt(2)
    order = sorted(((a, b) for a in range(side) for b in range(side)), key=lambda ab: (ab[0] ** 2 + ab[1] ** 2, ab))
    waves = torch.stack([basis[a][:, None] * basis[b][None, :] for a, b in order])
    found = []
    for colour in range(3):
        one = torch.zeros(COLOURED, 3, side, side)
        one[:, colour] = waves[:COLOURED]
        # Flat paper says little: its brightness would drown all else.
        one[0] *= 0.1
        found.append(one)
    grey = waves[1 : 1 + count - 3 * COLOURED, None].expand(-1, 3, -1, -1) / 3
    return torch.cat([*found, grey])[:count]


def _waves(side: int, width: int) -> torch.Tensor:
    """Places of a square as waves along both sides, (side * side, width)."""
    quarter = width // 4
    rates = math.pi * 2 ** torch.linspace(-1, math.log2(side), quarter)
    at = torch.linspace(0, 1, side)[:, None] * rates
    line = torch.cat([at.sin(), at.cos()], dim=1)  # (side, half the width)
    found = torch.zeros(side, side, width)
    found[..., : 2 * quarter] = line[:, None]
    found[..., 2 * quarter : 4 * quarter] = line[None, :]
    return 0.5 * found.reshape(side * side, width)
