"""Nano from nothing: a tokenizer learnt on the family's answers, a model of some six million parameters, its LoRA.

Three stages, each of which goes on from where it was stopped: the tower learns to see (`tower`), the language model to
tell what is seen (`language`), and both together to answer (`lora.training.learn`).  A picture's number decides all
about it, so a run that was stopped goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch

from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.loading import Loaded, load
from diagrasp.engines.qwen3vl.prompt import INSTRUCTION, instruction
from diagrasp_train.lora.batches import Item
from diagrasp_train.lora.examples import Example
from diagrasp_train.lora.scratch import NUMBERS_WHOLE, Size, make_model, make_tokenizer, save
from diagrasp_train.lora.training import STATE, Options, Outcome, Source, adapt, learn
from diagrasp_train.nano.beginnings import settle
from diagrasp_train.nano.family import Style, picture
from diagrasp_train.nano.language import balance, features, tell
from diagrasp_train.nano.pool import Draw, Sample, pool
from diagrasp_train.nano.stage import Stage
from diagrasp_train.nano.tower import Asking, see

SIZE: Final = Size(hidden=256, layers=3, heads=4, vision=192, depth=4, vision_heads=4, vocabulary=1024, deepstack=1)
LEARNT, HELD_OUT = 1, 2
"""Seeds of the pictures to learn from and of those to be judged by."""
FAMILY_ANSWERS: Final = 2000
"""Answers that the tokenizer is learnt on."""
LOUDNESS: Final = 0.3
"""Root mean square of what the tower tells the language model, before the second stage."""
ASKING: Final = "asking.pt"
"""The layers of the questions, kept beside the base for its LoRA; the model itself needs them no more."""


SEE: Final = (
    Stage("tower", steps=2400, batch=6, rate=1e-3, warmup=100),
    Stage("words", steps=2000, batch=6, rate=5e-4, warmup=50, every=200),
)
"""Places, shapes and numbers are learnt in the first half; words take as long again."""
TELL: Final = Stage("language", steps=800, batch=16, rate=1.5e-3, warmup=100)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is learnt.

    Attributes:
        pictures: drawn, and learnt from in turn.
        judged: held-out pictures by which the first two stages are judged.
        tower, language: the first two stages; the third is `Options`.
    """

    pictures: int = 3000
    judged: int = 64
    tower: tuple[Stage, ...] = SEE
    language: Stage = TELL

    def scaled(self, length: float = 1.0, pictures: int | None = None) -> Plan:
        """The same with longer or shorter stages, and perhaps another number of pictures.

        A short stage is looked at, and its state saved, four times at least.
        """

        def one(stage: Stage) -> Stage:
            steps, warmup = round(stage.steps * length), round(stage.warmup * min(1.0, length))
            return replace(stage, steps=steps, warmup=warmup, every=max(1, min(stage.every, steps // 4)))

        tower = tuple(map(one, self.tower))
        return replace(self, pictures=pictures or self.pictures, tower=tower, language=one(self.language))


BASE: Final = Plan()

SKETCH: Final = Plan(
    pictures=2000,
    tower=(
        Stage("tower", steps=600, batch=6, rate=2e-3, warmup=30),
        Stage("words", steps=1400, batch=6, rate=1.2e-3, warmup=30, every=200),
    ),
    language=Stage("language", steps=0, batch=16, rate=1e-3),
)
"""Of the LoRA: the tower's style is all that is new."""


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
        model = make_model(SIZE, tokenizer, seed)
        settle(model)
        save(folder, model, tokenizer)


def train_base(
    folder: Path, options: Options, plan: Plan = BASE, *, judged: int = 32, log: Callable[[str], None] = print
) -> Outcome:
    """Train the base on plain pictures, from nothing or from where it was stopped.

    Args:
        folder: where the checkpoint is written; the states of the stages lie beside it.
        options: of the last stage, and whether bfloat16 is used, for all.
        plan: of the first two stages.
        judged: held-out pictures by which the last stage is judged.
        log: told a line now and then.
    """
    build(folder, options.seed)
    loaded = load(Config(str(folder), device="cpu", dtype="float32"))
    asking = _asking(options.seed)
    samples = _drawn(loaded, plan.pictures, LEARNT, "plain", options.drafts, log)
    if not (folder / STATE).is_file():
        few = pool(loaded, plan.judged, seed=HELD_OUT, style="plain")
        for stage in plan.tower:
            see(loaded.model, asking, samples, few, stage, folder, seed=options.seed, mixed=options.mixed, log=log)
        log("what the tower makes of the pictures is computed")
        seen = features(loaded.model, [*samples, *few], mixed=options.mixed)
        balance(loaded.model, asking, seen, LOUDNESS)
        torch.save(asking.state_dict(), folder / ASKING)
        tell(
            loaded.model, loaded.tokenizer, samples, few, seen, plan.language, folder,
            seed=options.seed, mixed=options.mixed, log=log,
        )  # fmt: skip
        loaded.model.save_pretrained(folder)
    return _together(loaded, samples, options, folder, "plain", judged, log)


def train_lora(
    base: Path,
    folder: Path,
    options: Options,
    plan: Plan = SKETCH,
    *,
    judged: int = 32,
    log: Callable[[str], None] = print,
) -> Outcome:
    """Teach a LoRA on the base the other style: first what its tower sees, then what is answered.

    Args:
        base: the trained base's folder.
        folder, options, plan, judged, log: as of `train_base`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    loaded = adapt(load(Config(str(base), device="cpu", dtype="float32")), options)
    samples = _drawn(loaded, plan.pictures, LEARNT, "sketch", options.drafts, log)
    if options.tower and not (folder / STATE).is_file():
        asking = _asking(options.seed)
        if (base / ASKING).is_file():
            # Frozen, they hold the tower to what the language model understands.
            asking.load_state_dict(torch.load(base / ASKING, weights_only=True))
            asking.requires_grad_(False)
        few = pool(loaded, plan.judged, seed=HELD_OUT, style="sketch")
        for stage in plan.tower:
            see(loaded.model, asking, samples, few, stage, folder, seed=options.seed, mixed=options.mixed, log=log)
    return _together(loaded, samples, options, folder, "sketch", judged, log)


def _together(
    loaded: Loaded,
    samples: list[Sample],
    options: Options,
    folder: Path,
    style: Style,
    judged: int,
    log: Callable[[str], None],
) -> Outcome:
    """The last stage: what asks for gradients learns to answer, as any Qwen3-VL would."""
    source = family(samples, options)
    return learn(loaded, source, options, folder, held_out=held_out(judged, style), log=log, pictures=len(samples))


def family(samples: list[Sample], options: Options) -> Source:
    """Pictures of the family, a step's worth at a time."""
    size = options.batch * options.accumulate
    draw = Draw(samples, size, f"together {options.seed}", lambda each: len(each.item.ids))

    def source(step: int) -> list[Item]:
        return [each.unpacked for each in draw(step)]

    return source


def _drawn(
    loaded: Loaded, count: int, seed: int, style: Style, drafts: float, log: Callable[[str], None]
) -> list[Sample]:
    log(f"{count} pictures are drawn")
    return pool(loaded, count, seed=seed, style=style, drafts=drafts)


def _asking(seed: int) -> Asking:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Asking(SIZE.hidden)
