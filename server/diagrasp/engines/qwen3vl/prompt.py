"""The one prompt: what the model is asked, in training and in serving alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.grammar import GRAMMAR_VERSION
from diagrasp.engines.qwen3vl.vocabulary import special_ids
from diagrasp.model import Diagram, DiagramKind, GroupKind, Shape

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PROMPT_VERSION: Final = f"1.{GRAMMAR_VERSION}"
"""Changes whenever the words below or the grammar do: adapters are trained on one, cached answers belong to one."""

START, STOP = "<|im_start|>", "<|im_end|>"
IMAGE: Final = ("<|vision_start|>", "<|image_pad|>", "<|vision_end|>")

INSTRUCTION: Final = f"""Transcribe the diagram, one line an element:
KIND DIRECTION: title
g1 CONTAINER left top right bottom gPARENT: label
1 SHAPE left top right bottom gCONTAINER: label|row|row
1>2 EDGE: label
end
KIND: {" ".join(get_args(DiagramKind))}. DIRECTION: TB LR BT RL.
CONTAINER: {" ".join(get_args(GroupKind))}.
SHAPE: {" ".join(get_args(Shape))}.
EDGE, only what is unusual: kind, solid dashed dotted thick, >head <tail, default, gCONTAINER.
Coordinates are thousandths. Containers come first, then symbols from the top, then edges. Copy labels exactly."""

_DRAFT: Final = "\nA rough draft, to be corrected:\n"


def instruction(draft: str = "") -> str:
    """The words that go with a picture.

    Args:
        draft: an answer that another engine made of the same picture.
    """
    return INSTRUCTION + (_DRAFT + draft if draft else "")


def draft_of(diagram: Diagram, width: int, height: int) -> str:
    """A diagram as the draft in a prompt; width and height of its picture in pixels."""
    return write(ordered(diagram), width, height)


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """A prompt as token ids, with the place of the picture's tokens in it."""

    ids: list[int]
    image_at: int
    image_tokens: int

    @property
    def types(self) -> list[int]:
        """1 at the picture's tokens, 0 elsewhere: Qwen3-VL's `mm_token_type_ids`."""
        after = len(self.ids) - self.image_at - self.image_tokens
        return [0] * self.image_at + [1] * self.image_tokens + [0] * after


def prompt_tokens(tokenizer: Tokenizer, image_tokens: int, draft: str = "") -> PromptTokens:
    """The prompt in Qwen's chat form, ready for an answer to follow.

    Text is never read for special tokens, so that no label can end the turn or forge one.

    Raises:
        ValueError: the tokenizer lacks one of Qwen's special tokens.
    """
    start, stop, before, picture, after = special_ids(tokenizer, START, STOP, *IMAGE)
    head = [start, *encode(tokenizer, "user\n"), before]
    tail = [after, *encode(tokenizer, instruction(draft)), stop, *encode(tokenizer, "\n"), start]
    ids = [*head, *[picture] * image_tokens, *tail, *encode(tokenizer, "assistant\n")]
    return PromptTokens(ids, len(head), image_tokens)


def answer_tokens(tokenizer: Tokenizer, answer: str) -> list[int]:
    """An answer as the model should say it, its stop included."""
    return [*encode(tokenizer, answer), *special_ids(tokenizer, STOP)]


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    """The tokens of a text in which nothing is special."""
    before = tokenizer.encode_special_tokens
    tokenizer.encode_special_tokens = True
    try:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)
    finally:
        tokenizer.encode_special_tokens = before
