"""`diagrasp-train`: fine-tune Qwen3-VL on pictures with their graphs, evaluate, merge; needs the extra `train`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagrasp.errors import DiagraspError

if TYPE_CHECKING:
    from diagrasp.engines.qwen3vl.loading import Loaded
    from diagrasp_train.lora.training import Options


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="diagrasp-train", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    lora = commands.add_parser("lora", help="train a LoRA on a Qwen3-VL", description=_LORA)
    _model(lora)
    _data(lora)
    _options(lora)
    lora.add_argument("--rank", type=int, default=16, help="of the LoRA (default %(default)s)")
    lora.add_argument("--alpha", type=int, default=32, help="its scale (default %(default)s)")
    lora.add_argument("--tower", action="store_true", help="adapt the vision tower too")
    lora.add_argument("--checkpointing", action="store_true", help="save memory: compute activations twice")
    lora.add_argument("--quantization", choices=["none", "int8", "int4"], default="none", help="of the base (QLoRA)")

    scratch = commands.add_parser("scratch", help="train a small Qwen3-VL from nothing", description=_SCRATCH)
    _data(scratch)
    _options(scratch, steps=20_000, batch=8, accumulate=1, rate=2e-3)
    scratch.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    for name, value, what in _SIZES:
        scratch.add_argument(f"--{name}", type=int, default=value, help=f"{what} (default %(default)s)")

    nano = commands.add_parser("nano", help="train nano, which reads one family of pictures", description=_NANO)
    nano.add_argument("--out", type=Path, required=True, help="folder for what is trained")
    nano.add_argument("--lora-of", type=Path, help="folder of a trained nano: teach a LoRA on it the style `sketch`")
    nano.add_argument("--judged", type=int, default=32, help="held-out pictures at an evaluation (default %(default)s)")
    _options(nano, steps=300, batch=8, accumulate=1, rate=0.0, every=100, drafts=0.15)
    nano.add_argument("--pictures", type=int, help="to learn from (default 3000; 2000 of the LoRA)")
    nano.add_argument("--length", type=float, default=1.0, help="of the first stages, as a share (default %(default)s)")
    nano.add_argument("--rank", type=int, default=16, help="of the LoRA (default %(default)s)")
    nano.add_argument("--alpha", type=int, default=32, help="its scale (default %(default)s)")
    nano.add_argument("--float32", action="store_true", help="no bfloat16 products, which old CPUs are slow at")

    publish = commands.add_parser("publish", help="write a trained nano in bfloat16, its LoRA beside it")
    publish.add_argument("--model", type=Path, required=True, help="folder of a trained nano")
    publish.add_argument("--adapter", type=Path, help="folder of its LoRA")
    publish.add_argument("--out", type=Path, required=True, help="folder to write; the LoRA becomes its `sketch`")

    family = commands.add_parser("family", help="write pictures of nano's family with their graphs")
    family.add_argument("out", type=Path, help="folder for NAME.png and NAME.json")
    family.add_argument("--count", type=int, default=100, help="pictures (default %(default)s)")
    family.add_argument(
        "--seed", type=int, default=2, help="1: learnt from, 2: judged by while learning (default); any other: neither"
    )
    family.add_argument("--style", choices=["plain", "sketch"], default="plain", help="(default %(default)s)")

    judge = commands.add_parser("evaluate", help="figures of a model, with its adapter and without")
    _model(judge)
    judge.add_argument("--adapter", help="folder of a LoRA")
    judge.add_argument("--data", type=Path, nargs="+", required=True, help=_FOLDERS)
    judge.add_argument(
        "--drafts",
        nargs="?",
        const="spoilt",
        choices=["spoilt", "embedded"],
        help="once more with a draft in the prompt: the truth with a fifth spoilt (default), or the embedded engine's",
    )
    judge.add_argument("--tokens", type=int, default=4096, help="longest answer, 96 at least (default %(default)s)")

    merge = commands.add_parser("merge", help="write a checkpoint with an adapter merged into it")
    _model(merge)
    merge.add_argument("--adapter", required=True, help="folder of a LoRA")
    merge.add_argument("--out", type=Path, required=True, help="folder of the new checkpoint")

    bench = commands.add_parser("bench", help="what the engine costs and gains with a model", description=_BENCH)
    _model(bench)
    bench.add_argument("--adapter", help="folder of a LoRA")
    bench.add_argument("--data", type=Path, nargs="+", required=True, help=_FOLDERS)
    bench.add_argument("--only", nargs="+", choices=_FIGURES, default=list(_FIGURES), help="(default all)")
    bench.add_argument("--pictures", type=int, default=8, help="how many are read (default %(default)s)")
    bench.add_argument("--rounds", type=int, default=5, help="of the overhead's comparison (default %(default)s)")
    bench.add_argument("--times", type=int, default=200, help="cancellations (default %(default)s)")
    bench.add_argument("--tokens", type=int, default=512, help="longest answer (default %(default)s)")

    commands.add_parser("memory", help="what the published models take, by number type")
    return top


_FOLDERS = "folders of pictures, each NAME.png with its graph NAME.json beside it"
_LORA = "Train a LoRA on a Qwen3-VL. The loss falls on the answer alone; a run that was stopped goes on where it was."
_SCRATCH = "Train a Qwen3-VL of one's own size from nothing, with a tokenizer learnt on the answers."
_BENCH = "Overhead over bare generate, gain of drafts and of batches, leaks of cancelling, memory against the estimate."
_FIGURES = ("overhead", "drafts", "batches", "cancelling", "memory")
_NANO = "Train a Qwen3-VL of 7.6 million parameters from nothing on a CPU, in about an hour; see docs/training.md."
_SIZES = (
    ("hidden", 256, "width of the language model"),
    ("layers", 6, "its layers"),
    ("heads", 4, "its heads"),
    ("vision", 192, "width of the vision tower"),
    ("depth", 6, "its layers"),
    ("vocabulary", 4096, "tokens"),
)


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", default="Qwen/Qwen3-VL-2B-Instruct", help="folder or Hub id (default %(default)s)")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    command.add_argument("--dtype", default="auto", help="auto, float32, bfloat16 or float16")


def _data(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, nargs="+", required=True, help=_FOLDERS)
    command.add_argument("--held-out", type=Path, nargs="+", default=[], help="the same, to be judged by; never learnt")
    command.add_argument("--out", type=Path, required=True, help="folder for what is trained")


def _options(
    command: argparse.ArgumentParser,
    *,
    steps: int = 1000,
    batch: int = 1,
    accumulate: int = 8,
    rate: float = 1e-4,
    every: int = 100,
    drafts: float = 0.5,
) -> None:
    for name, value, what in (
        ("steps", steps, "optimizer steps at the most"),
        ("batch", batch, "pictures side by side"),
        ("accumulate", accumulate, "batches that make a step"),
        ("warmup", 30, "steps until the full rate"),
        ("longest", 6144, "tokens of prompt and answer; longer examples are left out"),
        ("every", every, "steps between evaluations and checkpoints"),
        ("patience", 5, "evaluations without gain before it stops"),
        ("seed", 0, "of weights and order"),
    ):
        command.add_argument(f"--{name}", type=int, default=value, help=f"{what} (default %(default)s)")
    usual = rate or "0.0003, of a LoRA 0.001"
    command.add_argument("--rate", type=float, default=rate, help=f"highest learning rate (default {usual})")
    command.add_argument(
        "--drafts",
        type=float,
        default=drafts,
        help="share of pictures learnt with a draft too (default %(default)s)",
    )
    command.add_argument("--target", type=float, default=0.0, help="stop once the loss stays below it")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.  Returns 0, or 1 where it failed."""
    given = parser().parse_args(arguments)
    try:
        _COMMANDS[given.command](given)
    except (DiagraspError, ValueError) as error:
        print(f"diagrasp-train: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"diagrasp-train: {error.name} is missing: pip install 'diagrasp[train]'", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("diagrasp-train: stopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return 1
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _train(given: argparse.Namespace, loaded: Loaded, options: Options, out: Path) -> None:
    from diagrasp_train.lora.examples import read_folders
    from diagrasp_train.lora.training import train

    held_out = read_folders(given.held_out)
    outcome = train(loaded, read_folders(given.data), options, out, held_out=held_out, log=_say)
    _say(
        f"{outcome.steps} steps, loss {outcome.loss:.4f}, {outcome.skipped} pictures too long, {outcome.seconds:.0f} s"
    )
    print(out)


def _lora(given: argparse.Namespace) -> None:
    from diagrasp_train.lora.training import adapt

    options = _chosen(given)
    loaded = adapt(_loaded(given, quantization=given.quantization), options)
    _train(given, loaded, options, given.out)


def _scratch(given: argparse.Namespace) -> None:
    from diagrasp.engines.qwen3vl.answer import ordered, write
    from diagrasp_train.lora.examples import read_folders
    from diagrasp_train.lora.scratch import Size, make_model, make_tokenizer, save

    if not (given.out / "config.json").is_file():
        answers = [write(ordered(each.diagram), each.width, each.height) for each in read_folders(given.data)]
        tokenizer = make_tokenizer(answers, given.vocabulary)
        size = Size(**{name: getattr(given, name) for name, _, _ in _SIZES})
        save(given.out, make_model(size, tokenizer, given.seed), tokenizer)
    given.model, given.dtype = str(given.out), "float32"
    _train(given, _loaded(given), _chosen(given), given.out)


def _nano(given: argparse.Namespace) -> None:
    from dataclasses import replace

    from diagrasp_train.nano.train import BASE, SKETCH, train_base, train_lora

    options = replace(_chosen(given), mixed=not given.float32, patience=10**6)
    options = replace(options, rate=given.rate or (3e-4 if given.lora_of is None else 1e-3))
    plan = (BASE if given.lora_of is None else SKETCH).scaled(given.length, given.pictures)
    if given.lora_of is None:
        outcome = train_base(given.out, options, plan, judged=given.judged, log=_say)
    else:
        options = replace(options, tower=True)
        outcome = train_lora(given.lora_of, given.out, options, plan, judged=given.judged, log=_say)
    _say(f"{outcome.steps} steps, loss {outcome.loss:.4f}, {outcome.seconds:.0f} s")
    print(given.out)


def _publish(given: argparse.Namespace) -> None:
    from diagrasp_train.nano.publish import publish

    _say(f"{publish(given.model, given.adapter, given.out) / 1e6:.1f} MB of weights")
    print(given.out)


def _family(given: argparse.Namespace) -> None:
    from diagrasp_train.nano.family import write_folder

    write_folder(given.out, given.count, seed=given.seed, style=given.style)
    print(given.out)


def _evaluate(given: argparse.Namespace) -> None:
    from diagrasp_train.lora.examples import read_folders
    from diagrasp_train.lora.judging import by_embedded, evaluate, of_drafts, spoilt_truth

    examples = read_folders(given.data)
    loaded = _loaded(given, adapter=given.adapter)
    names = ("node", "edge", "exact", "cut")

    def row(weights: str, draft: str, figures: dict[str, float]) -> None:
        print(f"| {weights} | {draft} | {' | '.join(f'{figures[each]:.3f}' for each in names)} |", flush=True)

    print("| weights | draft | node | edge | exact | cut short |\n|---|---|---:|---:|---:|---:|")
    drafts = by_embedded(examples) if given.drafts == "embedded" else spoilt_truth
    if given.drafts:
        row("the draft itself", given.drafts, of_drafts(examples, drafts))
    for plain in (False, True) if loaded.adapted else (True,):
        for drafted in (None, drafts) if given.drafts else (None,):
            name = "base" if plain else "base + adapter"
            figures = evaluate(loaded, examples, plain=plain, drafts=drafted, tokens=given.tokens)
            row(name, given.drafts if drafted else "no", figures)


def _merge(given: argparse.Namespace) -> None:
    import shutil

    from diagrasp.engines.qwen3vl.adapter import CARD
    from diagrasp.engines.qwen3vl.config import checked_folder

    loaded = _loaded(given, adapter=given.adapter)
    loaded.model.merge_and_unload().save_pretrained(given.out)
    ours = {"config.json", "generation_config.json", CARD}
    # Chat template, vocabulary and so on: servers and converters ask for them.
    for each in checked_folder(given.model).iterdir():
        if each.suffix in (".json", ".txt", ".jinja") and each.name not in ours and ".index." not in each.name:
            shutil.copy(each, given.out)
    print(given.out)


def _bench(given: argparse.Namespace) -> None:
    from diagrasp.engines.qwen3vl.config import Config
    from diagrasp_train import vlm_bench
    from diagrasp_train.lora.examples import read_folders

    examples = read_folders(given.data)[: given.pictures]
    config = Config(given.model, given.adapter, given.device, given.dtype, max_new_tokens=given.tokens, timeout=3600.0)
    print("| | | |\n|---|---|---:|")
    for name in given.only:
        if name == "overhead":
            found = vlm_bench.overhead(config, examples, given.rounds)
        elif name == "drafts":
            found = vlm_bench.drafts(config, examples)
        elif name == "batches":
            found = vlm_bench.batches(config, examples)
        elif name == "cancelling":
            found = vlm_bench.cancelling(config, examples, given.times)
        else:
            found = vlm_bench.memory(config, examples[0])
        for what, value in found.items():
            print(f"| {name} | {what.replace('_', ' ')} | {value:.3f} |", flush=True)


def _memory(_: argparse.Namespace) -> None:
    from diagrasp.engines.qwen3vl.memory import table

    print(table())


def _loaded(given: argparse.Namespace, *, adapter: str | None = None, quantization: str = "none") -> Loaded:
    from diagrasp.engines.qwen3vl.config import Config
    from diagrasp.engines.qwen3vl.loading import load

    return load(Config(given.model, adapter, given.device, given.dtype, quantization))


def _chosen(given: argparse.Namespace) -> Options:
    from diagrasp_train.lora.training import Options

    values: dict[str, Any] = {each.name: getattr(given, each.name) for each in fields(Options) if each.name in given}
    return Options(**values)


_COMMANDS = {
    "lora": _lora, "scratch": _scratch, "nano": _nano, "publish": _publish, "family": _family, "evaluate": _evaluate,
    "merge": _merge, "bench": _bench, "memory": _memory,
}  # fmt: skip

if __name__ == "__main__":
    raise SystemExit(main())
