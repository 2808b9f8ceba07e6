"""The training loop: LoRA on any Qwen3-VL, or every weight of a small one.

Loss falls on the answer's tokens alone; the prompt and the picture's scale are those of serving, by the same functions.
A run can be stopped at any step and goes on from its last checkpoint; the best adapter by the graph's F1 is kept.
"""

from __future__ import annotations

import json
import math
import random
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch

from diagrasp.engines.qwen3vl.adapter import CARD
from diagrasp.engines.qwen3vl.loading import Loaded
from diagrasp.engines.qwen3vl.pixels import BUDGET
from diagrasp.engines.qwen3vl.prompt import PROMPT_VERSION
from diagrasp.model import Diagram
from diagrasp_train.lora.batches import Item, collate, prepare
from diagrasp_train.lora.drafts import spoilt
from diagrasp_train.lora.examples import Example
from diagrasp_train.lora.judging import evaluate

TEXT_MODULES: Final = r".*language_model\..*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
"""The linear layers of the language model; the vision tower stays as it is."""
TOWER_MODULES: Final = r"|.*visual\.(blocks|merger|deepstack_merger_list)\..*(qkv|proj|linear_fc1|linear_fc2)"
STATE: Final = "training.pt"

Source = Callable[[int], list[Item]]
"""The examples of a step, by its number alone, so that a resumed run sees what it would have seen."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to train.

    Attributes:
        steps: optimizer steps at the most.
        batch: pictures side by side; `accumulate` batches make a step.
        rate: the highest learning rate, reached after `warmup` steps, falling to a tenth along a cosine.
        rank, alpha: of the LoRA.
        tower: whether the vision tower is adapted too.
        longest: tokens of prompt and answer; longer examples are left out, and counted.
        every: steps between evaluations and checkpoints.
        patience: evaluations without gain before training stops.
        target: training ends once the loss has been below it for five steps.
        checkpointing: whether activations are computed again in the backward pass, to fit large models.
        drafts: the share of examples that are learnt once more with a draft to correct in the prompt.
        mixed: whether products are computed in bfloat16 over float32 weights (quicker where the CPU has them).
    """

    steps: int = 1000
    batch: int = 1
    accumulate: int = 8
    rate: float = 1e-4
    warmup: int = 30
    rank: int = 16
    alpha: int = 32
    tower: bool = False
    longest: int = 6144
    every: int = 100
    patience: int = 5
    target: float = 0.0
    checkpointing: bool = False
    drafts: float = 0.0
    mixed: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What training came to; `skipped` pictures were too long, `figures` are those of the held-out ones."""

    steps: int
    loss: float
    skipped: int
    figures: dict[str, float]
    seconds: float


def adapt(loaded: Loaded, options: Options) -> Loaded:
    """Put a fresh LoRA on a loaded base."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(options.seed)
    modules = TEXT_MODULES + (TOWER_MODULES if options.tower else "")
    config = LoraConfig(r=options.rank, lora_alpha=options.alpha, target_modules=modules, task_type="CAUSAL_LM")
    with warnings.catch_warnings():  # peft asks transformers by an older name
        warnings.simplefilter("ignore", FutureWarning)
        model = get_peft_model(loaded.model, config)
    return _with_model(loaded, model, ("default",))


def train(
    loaded: Loaded,
    examples: Sequence[Example],
    options: Options,
    folder: Path,
    *,
    held_out: Sequence[Example] = (),
    log: Callable[[str], None] = print,
) -> Outcome:
    """Train what of the model asks for gradients, and save to a folder.

    Args:
        loaded: the model; under a LoRA only that is trained.
        examples: to learn from.
        options: how.
        folder: where adapter (or checkpoint state), card and the state for going on are written; a state that is there
            is taken up.
        held_out: pictures to be judged by; without them the last weights are kept.
        log: told a line now and then.

    Raises:
        ValueError: no example is short enough.
    """
    items, skipped = _prepared(loaded, examples, options)
    if not items:
        raise ValueError(f"none of the {len(examples)} pictures and answers fits into {options.longest} tokens")
    wanted = options.batch * options.accumulate

    def source(step: int) -> list[Item]:
        return [items[i] for i in _draw(len(items), wanted, step, options.seed)]

    return learn(loaded, source, options, folder, held_out=held_out, log=log, pictures=len(examples), skipped=skipped)


def learn(
    loaded: Loaded,
    source: Source,
    options: Options,
    folder: Path,
    *,
    held_out: Sequence[Example] = (),
    log: Callable[[str], None] = print,
    pictures: int = 0,
    skipped: int = 0,
) -> Outcome:
    """Train on whatever a source gives for each step; else as `train`.

    Args:
        pictures, skipped: for the card: how many there are to learn from, how many were too long.
    """
    started = time.monotonic()
    model = loaded.model
    if options.checkpointing:
        _recompute(model)
    learnt = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    folder.mkdir(parents=True, exist_ok=True)
    step, best, stale, low, loss = _resume(folder, model, optimizer)
    figures: dict[str, float] = {}
    while step < options.steps and stale < options.patience and low < 5:
        model.train()
        loss = _step(loaded, source(step), optimizer, learnt, options, step)
        step += 1
        low = low + 1 if loss < options.target else 0
        if step % max(1, options.every // 5) == 0:
            log(f"step {step}: loss {loss:.4f}, {time.monotonic() - started:.0f} s")
        last = step == options.steps or low >= 5
        if step % options.every and not last:
            continue
        if held_out:
            figures = evaluate(loaded, held_out)
            log(f"step {step}: " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
            gained = figures["node"] + figures["edge"] > best + 1e-4
            best, stale = max(best, figures["node"] + figures["edge"]), 0 if gained else stale + 1
        else:
            gained = True
        if gained:
            _save(folder, model)
        _save_state(folder, model, optimizer, (step, best, stale, low, loss))
    outcome = Outcome(step, loss, skipped, figures, time.monotonic() - started)
    _write_card(folder, loaded, options, outcome, pictures)
    model.eval()
    return outcome


def _prepared(loaded: Loaded, examples: Sequence[Example], options: Options) -> tuple[list[Item], int]:
    """The examples as they are, then a share of them once more with a spoilt draft; and how many were too long."""
    items, skipped = [], 0
    budget = BUDGET[loaded.device.type]
    drafted = examples[: round(options.drafts * len(examples))]
    pairs: list[tuple[Example, Diagram | None]] = [(each, None) for each in examples]
    pairs += [(each, spoilt(each.diagram, f"{options.seed} {each.name}")) for each in drafted]
    for example, draft in pairs:
        item = prepare(
            example, loaded.tokenizer, loaded.processor, side=loaded.side, budget=budget, longest=options.longest,
            draft=draft,
        )  # fmt: skip
        if item is None:
            skipped += 1
        else:
            items.append(item)
    return items, skipped


def _step(
    loaded: Loaded,
    chosen: Sequence[Item],
    optimizer: torch.optim.Optimizer,
    learnt: Sequence[torch.nn.Parameter],
    options: Options,
    step: int,
) -> float:
    """One optimizer step over the chosen examples."""
    rate = options.rate * min(1.0, (step + 1) / max(1, options.warmup))
    rate *= 0.55 + 0.45 * math.cos(math.pi * step / options.steps)
    for group in optimizer.param_groups:
        group["lr"] = rate
    total = sum(sum(label >= 0 for label in item.labels[1:]) for item in chosen)
    loss = 0.0
    for start in range(0, len(chosen), options.batch):
        part = chosen[start : start + options.batch]
        batch = collate(part, loaded.pad, loaded.device, loaded.dtype)
        # Every answer's token weighs the same, however the step is cut into batches.
        share = int((batch["labels"][:, 1:] >= 0).sum()) / total
        with torch.autocast(loaded.device.type, torch.bfloat16, enabled=options.mixed):
            found = loaded.model(**batch).loss * share
        found.backward()
        loss += float(found.detach())
    torch.nn.utils.clip_grad_norm_(learnt, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss


def _draw(count: int, wanted: int, step: int, seed: int) -> list[int]:
    """Which examples a step takes: every one once before any comes again."""
    found: list[int] = []
    for place in range(step * wanted, (step + 1) * wanted):
        order = list(range(count))
        random.Random(f"{seed} {place // count}").shuffle(order)
        found.append(order[place % count])
    return found


def _recompute(model: Any) -> None:
    """Activations computed again in the backward pass; transformers 5.23 gave the switch a new name."""
    how = {"use_reentrant": False}
    if hasattr(model, "activation_checkpointing_enable"):
        model.activation_checkpointing_enable(activation_checkpointing_kwargs=how)
    else:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs=how)
    model.enable_input_require_grads()


def _with_model(loaded: Loaded, model: Any, adapters: tuple[str, ...]) -> Loaded:
    from dataclasses import replace

    return replace(loaded, model=model, adapters=adapters)


def _save(folder: Path, model: Any) -> None:
    model.save_pretrained(folder)


def _trained(model: Any) -> dict[str, torch.Tensor]:
    return {name: each.detach().cpu() for name, each in model.named_parameters() if each.requires_grad}


def _save_state(
    folder: Path, model: Any, optimizer: torch.optim.Optimizer, counts: tuple[int, float, int, int, float]
) -> None:
    fresh = folder / f"{STATE}.part"
    torch.save({"counts": counts, "weights": _trained(model), "optimizer": optimizer.state_dict()}, fresh)
    fresh.replace(folder / STATE)  # whole or not at all


def _resume(folder: Path, model: Any, optimizer: torch.optim.Optimizer) -> tuple[int, float, int, int, float]:
    if not (folder / STATE).is_file():
        return 0, -1.0, 0, 0, math.inf
    state = torch.load(folder / STATE, weights_only=True)
    with torch.no_grad():
        for name, each in model.named_parameters():
            if each.requires_grad:
                each.copy_(state["weights"][name])
    optimizer.load_state_dict(state["optimizer"])
    step, best, stale, low, loss = state["counts"]
    return step, best, stale, low, loss


def _write_card(folder: Path, loaded: Loaded, options: Options, outcome: Outcome, pictures: int) -> None:
    card = {
        "prompt_version": PROMPT_VERSION,
        "base": getattr(loaded.model.config, "name_or_path", "") or "",
        "pictures": pictures,
        "options": asdict(options),
        "outcome": asdict(outcome),
    }
    (folder / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False), encoding="utf-8")
