"""The second stage: the language model learns to tell what the tower sees, while the tower stays as it is.

What the tower makes of each picture is computed once; a step of the language model alone costs a fraction of one of the
whole model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn

from diagrasp_train.lora.batches import IGNORED
from diagrasp_train.nano.pool import Draw, Sample
from diagrasp_train.nano.stage import Stage, named, run
from diagrasp_train.nano.tower import core_of, seen_by

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PARTS: Final = ("form", "place", "word", "link", "saying")
"""What an answer's tokens are: of its frame (numbers, shapes, ends of lines), of boxes, of symbols' words, of
connectors, and of connectors' words."""

Features = dict[str, torch.Tensor]
"""What the tower makes of a picture's tokens, (tokens, hidden), by the picture's name."""


@torch.no_grad()
def features(model: Any, samples: Sequence[Sample], *, mixed: bool, batch: int = 16) -> Features:
    """What the tower makes of pictures."""
    core, found = core_of(model), {}
    order = sorted(samples, key=lambda each: len(each.asked))
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            seen = seen_by(core, part).to(torch.bfloat16)
        for each, rows in zip(part, torch.split(seen, [len(each.asked) for each in part]), strict=True):
            found[each.item.name] = rows.clone()
    return found


@torch.no_grad()
def balance(model: Any, asking: Any, seen: Features, strength: float) -> None:
    """Scale what the tower says to a usual size, and the questions' layers by the opposite, so that nothing changes.

    A language model from nothing listens to words and picture alike only where neither drowns the other.

    Args:
        model: a Qwen3-VL.
        asking: the layers of the questions.
        seen: what the tower made of some pictures; scaled as well.
        strength: root mean square of what it shall say.
    """
    core = core_of(model)
    rows = torch.cat([each.float() for each in seen.values()])
    scale = strength / float(rows.pow(2).mean().sqrt())
    core.visual.merger.linear_fc2.weight.mul_(scale)
    core.visual.merger.linear_fc2.bias.mul_(scale)
    asking.layers.weight.div_(scale)
    for each in seen.values():
        each.mul_(scale)


def tell(
    model: Any,
    tokenizer: Tokenizer,
    samples: Sequence[Sample],
    held_out: Sequence[Sample],
    seen: Features,
    stage: Stage,
    folder: Path,
    *,
    seed: int,
    mixed: bool,
    log: Callable[[str], None],
) -> bool:
    """Run the stage: trains the language model, its words included.  Whether there was anything to do.

    Args:
        model: a Qwen3-VL.
        tokenizer: of it.
        samples, held_out: pictures to learn from and to be judged by.
        seen: of all of them, see `features`.
        stage, folder: how long, and where the state lies.
        seed: of the order.
        mixed: whether products are computed in bfloat16.
        log: told a line now and then.
    """
    core = core_of(model)
    draw = Draw(samples, stage.batch, f"language {seed}", lambda each: len(each.item.ids))
    parts = {each.item.name: _parts(each, tokenizer) for each in held_out}
    model.train()

    def loss_of(step: int) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            said, right = _said(core, draw(step), seen)
        return nn.functional.cross_entropy(said.float(), right)

    @torch.no_grad()
    def judged() -> str:
        hits: dict[str, list[bool]] = {name: [] for name in (*PARTS, "whole")}
        for sample in held_out:
            said, right = _said(core, [sample], seen)
            same = (said.argmax(1) == right).tolist()
            for part, hit in zip(parts[sample.item.name], same, strict=True):
                hits[part].append(hit)
            hits["whole"].append(all(same))
        return "right " + ", ".join(f"{name} {sum(each) / len(each):.3f}" for name, each in hits.items() if each)

    return run(stage, folder, named(("language", core.language_model)), loss_of, judged, log)


def _said(core: Any, chosen: Sequence[Sample], seen: Features) -> tuple[torch.Tensor, torch.Tensor]:
    """What is said where something is to be learnt, (places, vocabulary), and what should be."""
    longest = max(len(each.item.ids) for each in chosen)

    def padded(rows: list[list[int]], filler: int) -> torch.Tensor:
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])

    ids = padded([each.item.ids for each in chosen], 0)
    types = padded([each.item.types for each in chosen], 0)
    labels = padded([each.item.labels for each in chosen], IGNORED)
    there = padded([[1] * len(each.item.ids) for each in chosen], 0)
    grid = torch.cat([each.item.grid for each in chosen])
    places, _ = core.get_rope_index(ids, mm_token_type_ids=types, image_grid_thw=grid, attention_mask=there)
    told = core.language_model.embed_tokens(ids)
    pictures = torch.cat([seen[each.item.name] for each in chosen]).to(told.dtype)
    told = told.masked_scatter((types == 1)[..., None], pictures)
    # Padding stands on the right, where nothing that counts can look.
    hidden = core.language_model(inputs_embeds=told, position_ids=places).last_hidden_state
    wanted = labels[:, 1:] != IGNORED
    said = nn.functional.linear(hidden[:, :-1][wanted], core.language_model.embed_tokens.weight)
    return said, labels[:, 1:][wanted]


def _parts(sample: Sample, tokenizer: Tokenizer) -> list[str]:
    """Which of `PARTS` each of an answer's tokens is."""
    found, line = [], ""
    for token in (label for label in sample.item.labels if label != IGNORED):
        text = tokenizer.decode([token], skip_special_tokens=False)
        if ":" in line:
            found.append("saying" if ">" in line else "word")
        elif text.strip().isdigit() and text.startswith(" "):
            found.append("place")
        else:
            found.append("link" if ">" in line + text else "form")
        line = "" if text.endswith("\n") else line + text
    return found
