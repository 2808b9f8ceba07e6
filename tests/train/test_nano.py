"""How nano is trained: what its tower is asked, stages that go on where they were stopped, short cuts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.loading import Loaded, load
from diagrasp.engines.qwen3vl.pixels import BUDGET, letter_height, plan
from diagrasp_train.lora.batches import IGNORED, collate, prepare
from diagrasp_train.lora.scratch import Size, make_model, save
from diagrasp_train.lora.training import Options
from diagrasp_train.nano.beginnings import settle
from diagrasp_train.nano.family import picture
from diagrasp_train.nano.language import _parts, _said, balance, features, tell
from diagrasp_train.nano.pool import Draw, Sample, pack, pool, unpack
from diagrasp_train.nano.questions import NOTHING, QUESTIONS, questions
from diagrasp_train.nano.stage import Stage, named, rate_at, run
from diagrasp_train.nano.tower import Asking, asked, core_of, judged, see, seen_by
from diagrasp_train.nano.train import BASE, Plan, tokenizer_of_family, train_base, train_lora

pytestmark = pytest.mark.timeout(600)
SMALL = Size(hidden=32, layers=2, heads=2, vision=32, depth=2, vision_heads=2, vocabulary=1024, deepstack=1)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model far smaller than nano, with nano's tokenizer."""
    folder = tmp_path_factory.mktemp("small")
    tokenizer = tokenizer_of_family()
    model = make_model(SMALL, tokenizer, seed=0)
    settle(model)
    save(folder, model, tokenizer)
    return folder


@pytest.fixture
def small(untrained: Path) -> Loaded:
    return load(Config(str(untrained), device="cpu", dtype="float32"))


@pytest.fixture
def samples(small: Loaded) -> list[Sample]:
    return pool(small, 12, seed=5, style="plain", drafts=0.25)


def test_what_a_pictures_tokens_are_asked(small: Loaded) -> None:
    pictures = both = 0
    for number in range(40):
        example = picture(number, seed=5)
        if not any(edge.label for edge in example.diagram.edges):
            continue  # only those with a branch
        shown = plan(
            example.width, example.height, letter_height(example.pixels), budget=BUDGET["cpu"], side=small.side
        )
        asked_ = questions(example, shown, small.tokenizer)
        assert asked_.shape == (shown.tokens, len(QUESTIONS))
        cells = asked_.reshape(shown.height // 32, shown.width // 32, len(QUESTIONS))

        def said(row: torch.Tensor, question: str) -> str:
            return small.tokenizer.decode([int(row[QUESTIONS.index(question)])]).strip()

        for i, node in enumerate(example.diagram.nodes):
            assert node.box is not None
            x, y = node.box.center
            cell = cells[int(y / example.height * cells.shape[0]), int(x / example.width * cells.shape[1])]
            assert said(cell, "what") == node.shape
            assert node.label.startswith(said(cell, "word"))
            assert abs(int(said(cell, "left")) - 1000 * node.box.x / example.width) <= 1
            assert abs(int(said(cell, "bottom")) - 1000 * node.box.bottom / example.height) <= 1
            assert int(cell[QUESTIONS.index("target")]) == IGNORED
            if i == 0:
                assert said(cell, "number") == "1"
        # A branch's words are asked for, with where they come from and where they lead.
        told = {
            (said(row, "number"), said(row, "target"), said(row, "word")) for row in asked_ if said(row, "what") == ">"
        }
        labels = [edge.label for edge in example.diagram.edges if edge.label]
        assert len(labels) == 2
        assert {word for _, _, word in told} <= set(labels)
        assert len({source for source, _, _ in told}) == 1
        assert len({target for _, target, _ in told}) == len(told)
        assert (asked_[:, 0] == NOTHING).any()
        pictures += 1
        both += len(told) == 2
    assert pictures > 5
    assert both > pictures / 2  # a word that lies across four cells may be on none of them enough


def test_kept_pictures_are_those_of_serving(small: Loaded, samples: list[Sample]) -> None:
    item = prepare(picture(1, seed=5), small.tokenizer, small.processor, side=small.side, budget=BUDGET["cpu"])
    assert item is not None
    assert torch.equal(unpack(pack(item.patches)), item.patches)
    kept = samples[1].unpacked
    assert (kept.ids, kept.labels) == (item.ids, item.labels)
    assert torch.equal(kept.patches, item.patches)
    other = pool(small, 2, seed=6, style="plain")
    assert not {each.item.name for each in other} & {each.item.name for each in samples}
    assert len(samples[3].item.ids) > len(pool(small, 4, seed=5, style="plain")[3].item.ids)  # a draft in its prompt


def test_every_sample_comes_once_an_epoch(samples: list[Sample]) -> None:
    draw = Draw(samples, 5, "seed", lambda each: len(each.asked))
    again = Draw(samples, 5, "seed", lambda each: len(each.asked))
    epochs = [[each.item.name for step in range(e * 3, e * 3 + 3) for each in draw(step)] for e in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(each.item.name for each in samples)
    assert epochs[0] != epochs[1]
    assert [each.item.name for each in again(4)] == epochs[1][len(draw(3)) : len(draw(3)) + len(draw(4))]


def test_short_cuts_change_nothing(small: Loaded, samples: list[Sample]) -> None:
    core = core_of(small.model)
    chosen = samples[:4]
    batch = collate([each.unpacked for each in chosen], small.pad, small.device, small.dtype)
    with torch.no_grad():
        plain = core.visual(batch["pixel_values"], grid_thw=batch["image_grid_thw"])
        quick = seen_by(core, chosen)
        assert torch.allclose(plain.pooler_output, quick, atol=1e-4)
        assert not any(each.any() for each in plain.deepstack_features)  # silent at the beginning
        logits = small.model(**batch).logits[:, :-1]
        seen = features(small.model, chosen, mixed=False)
        said, right = _said(core, chosen, seen)
    wanted = batch["labels"][:, 1:] != IGNORED
    assert torch.equal(right, batch["labels"][:, 1:][wanted])
    # What is kept of the tower is rounded to bfloat16.
    assert torch.allclose(said, logits[wanted], atol=0.05)
    assert float(said.std()) > 0.05


def test_balancing_changes_no_answer_of_the_tower(small: Loaded, samples: list[Sample]) -> None:
    core, asking = core_of(small.model), Asking(SMALL.hidden)
    before = asked(core, asking, samples)[0]
    seen = features(small.model, samples, mixed=False)
    balance(small.model, asking, seen, strength=0.3)
    assert torch.allclose(before, asked(core, asking, samples)[0], atol=1e-4)
    rows = torch.cat(list(features(small.model, samples, mixed=False).values())).float()
    assert abs(float(rows.pow(2).mean().sqrt()) - 0.3) < 0.01
    assert torch.allclose(rows, torch.cat(list(seen.values())).float(), atol=0.01)


def test_what_an_answers_tokens_are(small: Loaded, samples: list[Sample]) -> None:
    for sample in samples:
        parts = _parts(sample, small.tokenizer)
        assert len(parts) == sum(label != IGNORED for label in sample.item.labels)
        example = picture(int(sample.item.name.split("_")[1]), seed=5)
        assert parts.count("place") == 4 * len(example.diagram.nodes)
        assert parts.count("word") >= len(example.diagram.nodes)
        assert ("saying" in parts) == any(edge.label for edge in example.diagram.edges)


def test_the_tower_learns_and_goes_on_as_if_it_had_not_been_stopped(
    untrained: Path, samples: list[Sample], tmp_path: Path
) -> None:
    def trained(folder: Path, *stops: int) -> tuple[dict[str, Any], list[str]]:
        lines: list[str] = []
        for stop in (*stops, 40):
            folder.mkdir(exist_ok=True)
            loaded = load(Config(str(untrained), device="cpu", dtype="float32"))
            torch.manual_seed(0)
            asking = Asking(SMALL.hidden)

            def log(line: str, stop: int = stop) -> None:
                lines.append(line)
                if f" {stop}/40: right" in line and stop < 40:
                    raise KeyboardInterrupt

            stage = Stage("tower", steps=40, batch=4, rate=3e-3, warmup=5, every=10)
            try:
                see(loaded.model, asking, samples, samples[:4], stage, folder, seed=0, mixed=False, log=log)
            except KeyboardInterrupt:
                continue
        return {name: each.detach() for name, each in loaded.model.named_parameters()}, lines

    whole, lines = trained(tmp_path / "whole")
    # What was said before the state was saved is learnt once more.
    stopped, _ = trained(tmp_path / "stopped", 20)
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines if "loss" in line]
    assert losses[-1] < 0.6 * losses[0]


def test_the_language_model_learns_from_what_is_kept(small: Loaded, samples: list[Sample], tmp_path: Path) -> None:
    tower = {name: each.clone() for name, each in small.model.model.visual.state_dict().items()}
    seen = features(small.model, samples, mixed=False)
    lines: list[str] = []
    stage = Stage("language", steps=40, batch=4, rate=5e-3, warmup=5, every=40)
    done = tell(
        small.model, small.tokenizer, samples, samples[:4], seen, stage, tmp_path,
        seed=0, mixed=False, log=lines.append,
    )  # fmt: skip
    assert done
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines if "loss" in line]
    assert losses[-1] < 0.75 * losses[0]
    assert "place" in lines[-1]
    assert all(torch.equal(each, tower[name]) for name, each in small.model.model.visual.state_dict().items())
    assert not tell(
        small.model, small.tokenizer, samples, [], seen, stage, tmp_path, seed=0, mixed=False, log=lines.append
    )


def test_a_stage_ends_at_its_smallest_rate(tmp_path: Path) -> None:
    stage = Stage("walk", steps=100, batch=1, rate=0.1, warmup=10, every=50)
    assert rate_at(stage, 0) == pytest.approx(0.01)
    assert rate_at(stage, 9) == pytest.approx(0.1, rel=0.03)
    assert rate_at(stage, 99) == pytest.approx(0.005, rel=0.01)
    layer = nn.Linear(1, 1)
    shared = named(("one", layer), ("other", layer))
    assert sorted(shared) == ["one.bias", "one.weight"]
    lines: list[str] = []
    target = torch.tensor([[3.0]])
    assert run(stage, tmp_path, shared, lambda _: (layer(target) - 6).pow(2).sum(), lambda: "well", lines.append)
    assert abs(float(layer(target).detach()) - 6) < 0.5
    assert sum("well" in line for line in lines) == 2
    assert not run(stage, tmp_path, shared, lambda _: layer(target).sum(), lambda: "well", lines.append)


def test_a_shorter_plan_saves_as_often() -> None:
    short = BASE.scaled(0.1, 300)
    assert [each.steps for each in short.tower] == [240, 200]
    assert [each.every for each in (*short.tower, short.language)] == [60, 50, 20]
    assert short.language.warmup == 10
    assert (short.pictures, BASE.scaled().tower) == (300, BASE.tower)
    assert BASE.scaled(0.0).language.every == 1  # a stage may be left out


def test_the_asked_share_is_said(small: Loaded, samples: list[Sample]) -> None:
    said = judged(core_of(small.model), Asking(SMALL.hidden), samples)
    assert said.startswith("right what 0.")
    assert all(name in said for name in QUESTIONS if name != "target")


def test_all_stages_and_the_lora(tmp_path: Path) -> None:
    brief = Plan(pictures=4, judged=2, tower=(Stage("tower", 2, 2, 1e-3),), language=Stage("language", 2, 2, 1e-3))
    options = Options(steps=2, batch=2, accumulate=1, every=1, tower=True, rank=2, patience=10**6)
    lines: list[str] = []
    base = tmp_path / "nano"
    train_base(base, options, brief, judged=0, log=lines.append)
    assert [word for word in ("tower 2/2", "language 2/2", "step 2") if any(word in line for line in lines)] == [
        "tower 2/2", "language 2/2", "step 2",
    ]  # fmt: skip
    trained = load(Config(str(base), device="cpu", dtype="float32")).model.state_dict()
    # The same command again finds that all is done.
    train_base(base, options, brief, judged=0, log=lines.append)
    again = load(Config(str(base), device="cpu", dtype="float32")).model.state_dict()
    assert all(torch.equal(trained[name], again[name]) for name in trained)
    train_lora(base, tmp_path / "sketch", options, brief, judged=0, log=lines.append)
    adapted = load(Config(str(base), adapter=str(tmp_path / "sketch"), device="cpu", dtype="float32"))
    grown = [each for name, each in adapted.model.named_parameters() if "visual" in name and "lora_B" in name]
    assert grown
    assert any(each.any() for each in grown)
