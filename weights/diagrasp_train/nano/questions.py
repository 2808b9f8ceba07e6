"""What is asked of each of a picture's tokens while the vision tower learns to see, out of the generator's truth.

A token covers a cell of the picture.  A cell on a symbol is asked for the symbol's shape, its number in the answer, its
word and its four coordinates; a cell on a connector's word for that word and for both ends.  Each question is answered
by one of the answer's own tokens, so that what the tower learns to say is what the language model will have to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.pixels import Plan
from diagrasp.engines.qwen3vl.prompt import encode
from diagrasp.model import Box
from diagrasp_train.lora.batches import IGNORED
from diagrasp_train.lora.examples import Example
from diagrasp_train.nano.family import CAPITALS, SIZE, words_at

if TYPE_CHECKING:
    from tokenizers import Tokenizer

QUESTIONS: Final = ("what", "number", "word", "left", "top", "right", "bottom", "target")
"""`number` is the source's where the cell lies on a connector's word, and only there a `target` is asked for."""
NOTHING: Final = 0
"""Answers `what` where a cell shows neither: an id that no answer holds (a byte's)."""
ON_SYMBOL: Final = 0.3
"""Share of a cell that must be a symbol's box."""
ON_WORD: Final = 0.15


def questions(example: Example, shown: Plan, tokenizer: Tokenizer) -> torch.Tensor:
    """The right answers for one picture, (tokens, questions) of token ids; `IGNORED` where nothing is asked.

    Args:
        example: a picture of the family.
        shown: the size at which the model sees it.
        tokenizer: of the model.
    """

    def first(text: str) -> int:
        return encode(tokenizer, text)[0]

    columns, rows = _grid(shown)
    found = torch.full((rows, columns, len(QUESTIONS)), IGNORED)
    found[..., 0] = NOTHING
    scale = (shown.width / example.width, shown.height / example.height)
    diagram = ordered(example.diagram)
    numbers = {node.id: i for i, node in enumerate(diagram.nodes, 1)}
    boxes = {node.id: node.box for node in diagram.nodes if node.box}
    for edge in diagram.edges:
        if edge.label:
            x, y = words_at(boxes[edge.source], boxes[edge.target])
            wide = 0.65 * SIZE * len(edge.label)
            place = Box(x - wide / 2, y - CAPITALS / 2, wide, CAPITALS)
            answers = [first(">"), first(str(numbers[edge.source])), first(f" {edge.label}")]
            answers += [IGNORED] * 4 + [first(str(numbers[edge.target]))]
            found[_covered(place, scale, (columns, rows)) >= ON_WORD] = torch.tensor(answers)
    lines = write(diagram, example.width, example.height).split("\n")
    for number, node in enumerate(diagram.nodes, 1):
        _, shape, *corners = lines[number].partition(":")[0].split(" ")
        answers = [first(f" {shape}"), first(str(number)), first(f" {node.label}")]
        answers += [first(f" {corner}") for corner in corners] + [IGNORED]
        found[_covered(boxes[node.id], scale, (columns, rows)) >= ON_SYMBOL] = torch.tensor(answers)
    return found.reshape(rows * columns, len(QUESTIONS))


def _grid(shown: Plan) -> tuple[int, int]:
    """Columns and rows of tokens."""
    side = round((shown.width * shown.height / shown.tokens) ** 0.5)
    return shown.width // side, shown.height // side


def _covered(box: Box, scale: tuple[float, float], grid: tuple[int, int], side: int = 32) -> torch.Tensor:
    """The share of each cell that a box covers, (rows, columns)."""
    across = _shares(box.x * scale[0] / side, box.right * scale[0] / side, grid[0])
    down = _shares(box.y * scale[1] / side, box.bottom * scale[1] / side, grid[1])
    return down[:, None] * across[None, :]


def _shares(low: float, high: float, count: int) -> torch.Tensor:
    cells = torch.arange(count, dtype=torch.float32)
    shares: torch.Tensor = (cells + 1).clamp(max=high) - cells.clamp(min=low)
    return shares.clamp(0, 1)
