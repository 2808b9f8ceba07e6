"""Nano from nothing: a tokenizer learnt on the family's answers, a model of some eight million parameters, its LoRA.

Pictures are drawn as they are needed, none twice; a picture's number decides all about it, so a run that was stopped
goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.loading import Loaded, load
from diagrasp.engines.qwen3vl.pixels import BUDGET
from diagrasp.engines.qwen3vl.prompt import INSTRUCTION, instruction
from diagrasp_train.lora.batches import Item, prepare
from diagrasp_train.lora.drafts import spoilt
from diagrasp_train.lora.examples import Example
from diagrasp_train.lora.scratch import NUMBERS_WHOLE, Size, make_model, make_tokenizer, save
from diagrasp_train.lora.training import Options, Outcome, Source, adapt, learn
from diagrasp_train.nano.family import Style, picture

SIZE: Final = Size(hidden=256, layers=3, heads=4, vision=192, depth=4, vision_heads=4, vocabulary=1024)
LEARNT, HELD_OUT = 1, 2
"""Seeds of the pictures to learn from and of those to be judged by."""
DRAFTS: Final = 0.15
"""The share of pictures that come with a draft to correct."""
FAMILY_ANSWERS: Final = 2000
"""Answers that the tokenizer is learnt on."""


def held_out(count: int, style: Style) -> list[Example]:
    """Pictures that are never learnt from."""
    return [picture(number, seed=HELD_OUT, style=style) for number in range(count)]


def tokenizer_of_family() -> Any:
    """Words and numbers of the family are one token each, and so is the prompt: a small model has little room."""
    examples = [picture(number, seed=LEARNT) for number in range(FAMILY_ANSWERS)]
    answers = [write(ordered(each.diagram), each.width, each.height) for each in examples]
    draft = instruction("draft").removeprefix(INSTRUCTION).removesuffix("draft")
    return make_tokenizer(answers, SIZE.vocabulary, split=NUMBERS_WHOLE, whole=(INSTRUCTION, draft))


def build(folder: Path, seed: int) -> None:
    """Write an untrained checkpoint, unless one is there."""
    if not (folder / "config.json").is_file():
        tokenizer = tokenizer_of_family()
        save(folder, make_model(SIZE, tokenizer, seed), tokenizer)


def train_base(folder: Path, options: Options, *, judged: int = 32, log: Callable[[str], None] = print) -> Outcome:
    """Train the base on plain pictures, from nothing or from where it was stopped."""
    build(folder, options.seed)
    loaded = load(Config(str(folder), device="cpu", dtype="float32"))
    source = family(loaded, options, "plain")
    count = options.steps * options.batch
    return learn(loaded, source, options, folder, held_out=held_out(judged, "plain"), log=log, pictures=count)


def train_lora(
    base: Path, folder: Path, options: Options, *, judged: int = 32, log: Callable[[str], None] = print
) -> Outcome:
    """Teach a LoRA on the base the other style."""
    loaded = adapt(load(Config(str(base), device="cpu", dtype="float32")), options)
    source = family(loaded, options, "sketch")
    count = options.steps * options.batch
    return learn(loaded, source, options, folder, held_out=held_out(judged, "sketch"), log=log, pictures=count)


def family(loaded: Loaded, options: Options, style: Style) -> Source:
    """Pictures of the family, a step's worth at a time; at first short ones, which teach the same for less."""
    wanted = options.batch * options.accumulate
    whole = options.steps * wanted

    def source(step: int) -> list[Item]:
        return [item(number) for number in range(step * wanted, (step + 1) * wanted)]

    def item(number: int) -> Item:
        example = picture(number, seed=LEARNT, style=style, most=min(5, 2 + 8 * number // whole))
        # Spread evenly: every so many-th comes with a draft.
        drafted = int((number + 1) * options.drafts) > int(number * options.drafts)
        draft = spoilt(example.diagram, example.name) if drafted else None
        made = prepare(example, loaded.tokenizer, loaded.processor, side=loaded.side, budget=BUDGET["cpu"], draft=draft)
        assert made is not None  # noqa: S101  the family's are short
        return made

    return source
