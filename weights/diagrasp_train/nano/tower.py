"""The first stage: the vision tower learns to see, asked about each of a picture's tokens (see `questions`).

The answer's loss alone tells a tower that knows nothing hardly anything: it would have to be guessed through a language
model that knows nothing either.  Here every token of the picture is told what it shows, and no language model runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from diagrasp_train.lora.batches import IGNORED
from diagrasp_train.nano.pool import Draw, Sample
from diagrasp_train.nano.questions import QUESTIONS
from diagrasp_train.nano.stage import Stage, named, run


class Asking(nn.Module):
    """One linear layer for each question, before the language model's own words."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Linear(hidden, len(QUESTIONS) * hidden, bias=False)

    def forward(self, seen: torch.Tensor, words: torch.Tensor, question: int) -> torch.Tensor:
        """How likely each word answers a question.

        Args:
            seen: what the tower makes of tokens, (tokens, hidden).
            words: the language model's, (vocabulary, hidden).
            question: which of `QUESTIONS`.

        Returns:
            (tokens, vocabulary), unscaled.
        """
        hidden = seen.shape[1]
        weight = self.layers.weight[question * hidden : (question + 1) * hidden]
        return nn.functional.linear(nn.functional.linear(seen, weight), words)


def see(
    model: Any,
    asking: Asking,
    samples: Sequence[Sample],
    held_out: Sequence[Sample],
    stage: Stage,
    folder: Path,
    *,
    seed: int,
    mixed: bool,
    log: Callable[[str], None],
) -> bool:
    """Run the stage; trains what of tower, words and questions asks for gradients.  Whether there was anything to do.

    Args:
        model: a Qwen3-VL, perhaps under a LoRA.
        asking: the questions' layers.
        samples, held_out: pictures to learn from and to be judged by.
        stage, folder: how long, and where the state lies.
        seed: of the order.
        mixed: whether products are computed in bfloat16.
        log: told a line now and then.
    """
    core = core_of(model)
    weights = named(("visual", core.visual), ("asking", asking), ("words", core.language_model.embed_tokens))
    draw = Draw(samples, stage.batch, f"{stage.name} {seed}", lambda each: len(each.asked))
    model.train()

    def loss_of(step: int) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            return asked(core, asking, draw(step))[0]

    return run(stage, folder, weights, loss_of, lambda: judged(core, asking, held_out), log)


def asked(core: Any, asking: Asking, chosen: Sequence[Sample]) -> tuple[torch.Tensor, dict[str, tuple[int, int]]]:
    """The mean loss of the questions over some pictures, and of each how many were answered right, of how many."""
    seen = seen_by(core, chosen)
    right = torch.cat([each.asked for each in chosen])
    words = core.language_model.embed_tokens.weight
    loss, counts = torch.zeros(()), {}
    for question, name in enumerate(QUESTIONS):
        there = (right[:, question] != IGNORED).nonzero()[:, 0]
        if not len(there):
            continue
        said = asking(seen[there], words, question).float()
        loss = loss + nn.functional.cross_entropy(said, right[there, question])
        counts[name] = (int((said.argmax(1) == right[there, question]).sum()), len(there))
    return loss / len(QUESTIONS), counts


@torch.no_grad()
def judged(core: Any, asking: Asking, held_out: Sequence[Sample], batch: int = 16) -> str:
    """The shares of questions that are answered right on held-out pictures, in words."""
    total = {name: [0, 0] for name in QUESTIONS}
    for start in range(0, len(held_out), batch):
        for name, (right, of) in asked(core, asking, held_out[start : start + batch])[1].items():
            total[name][0] += right
            total[name][1] += of
    return "right " + ", ".join(f"{name} {right / of:.3f}" for name, (right, of) in total.items() if of)


def seen_by(core: Any, chosen: Sequence[Sample]) -> torch.Tensor:
    """What the tower makes of some pictures' tokens, (tokens, hidden), in their order.

    Both frames of a picture are the same, so the first layer is computed on one of them with the sum of its weights,
    which comes to the same for half of the cost.
    """
    first = core.visual.patch_embed
    grid = torch.cat([each.item.grid for each in chosen])
    patches = torch.cat([each.item.patches for each in chosen])

    def one_frame(_: torch.Tensor) -> torch.Tensor:
        values = (patches.reshape(len(patches), -1).float() / 255 - 0.5) / 0.5
        return nn.functional.linear(values, first.proj.weight.sum(2).flatten(1), first.proj.bias)

    first.forward = one_frame
    try:
        seen: torch.Tensor = core.visual(patches, grid_thw=grid).pooler_output
    finally:
        del first.forward
    return seen


def core_of(model: Any) -> Any:
    """The model of tower and language model, under whatever it is wrapped in."""
    return (model.get_base_model() if hasattr(model, "get_base_model") else model).model
