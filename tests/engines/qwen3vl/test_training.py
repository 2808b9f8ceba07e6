"""Training: the prompt of serving, loss on the answer alone, runs that go on where they were, and its commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.generation import Generator
from diagrasp.engines.qwen3vl.loading import load
from diagrasp.engines.qwen3vl.pixels import BUDGET
from diagrasp.engines.qwen3vl.prompt import answer_tokens, draft_of
from diagrasp.engines.qwen3vl.worker import Job
from diagrasp.errors import InputError
from diagrasp.model import Diagram, Edge, Node
from diagrasp_train.cli import main
from diagrasp_train.lora.batches import IGNORED, collate, prepare
from diagrasp_train.lora.drafts import spoilt
from diagrasp_train.lora.examples import read_folder
from diagrasp_train.lora.judging import by_embedded, evaluate, of_drafts, spoilt_truth
from diagrasp_train.lora.scores import score
from diagrasp_train.lora.training import Options, adapt, train

from .conftest import Tiny

pytestmark = pytest.mark.timeout(900)


def test_it_is_asked_in_training_what_it_is_asked_in_serving(tiny: Tiny) -> None:
    loaded = load(Config(model=str(tiny.base), device="cpu"))
    generator = Generator(Config(), loaded)
    for example in tiny.examples[:3]:
        item = prepare(example, loaded.tokenizer, loaded.processor, side=loaded.side, budget=BUDGET["cpu"])
        assert item is not None
        shown = generator.show(Job(example.pixels), BUDGET["cpu"])
        answer = answer_tokens(loaded.tokenizer, write(ordered(example.diagram), example.width, example.height))
        assert item.ids == shown.prompt.ids + answer
        assert item.types == shown.prompt.types + [0] * len(answer)
        assert torch.equal(item.patches, shown.patches)
        # Loss on the answer, its stop included, and on nothing else.
        assert item.labels == [IGNORED] * len(shown.prompt.ids) + answer
        assert answer[-1] == loaded.stop


def test_drafts_are_asked_as_in_serving_and_mostly_right(tiny: Tiny) -> None:
    loaded = load(Config(model=str(tiny.base), device="cpu"))
    example = tiny.examples[0]
    draft = spoilt(example.diagram, "seed")
    item = prepare(example, loaded.tokenizer, loaded.processor, side=32, budget=BUDGET["cpu"], draft=draft)
    told = draft_of(draft, example.width, example.height)
    shown = Generator(Config(), loaded).show(Job(example.pixels, told), BUDGET["cpu"])
    assert item is not None
    assert item.ids[: len(shown.prompt.ids)] == shown.prompt.ids
    nodes = tuple(Node(id=f"n{i}", label=f"Шаг номер {i}", shape="decision") for i in range(40))
    edges = tuple(Edge(source=f"n{i}", target=f"n{i + 1}", label="да") for i in range(39))
    truth = Diagram(nodes=nodes, edges=edges)
    drafts = [spoilt(truth, str(seed)) for seed in range(20)]
    assert spoilt(truth, "3") == drafts[3]
    assert all(0.8 < score(truth, each).node <= 1 for each in drafts)
    shares = [score(truth, each).edge or 0.0 for each in drafts]
    assert 0.5 < sum(shares) / 20 < 0.95


def test_long_examples_are_left_out(tiny: Tiny) -> None:
    loaded = load(Config(model=str(tiny.base), device="cpu"))
    example = tiny.examples[0]
    assert prepare(example, loaded.tokenizer, loaded.processor, side=32, budget=64, longest=50) is None
    with pytest.raises(ValueError, match="none of the 8 pictures and answers fits into 50 tokens"):
        train(loaded, tiny.examples, Options(longest=50), Path("nowhere"))


def test_padding_changes_nothing(tiny: Tiny) -> None:
    loaded = load(Config(model=str(tiny.base), device="cpu"))
    items = [prepare(each, loaded.tokenizer, loaded.processor, side=32, budget=64) for each in tiny.examples]
    short, long = (pick((i for i in items if i is not None), key=lambda i: len(i.ids)) for pick in (min, max))
    assert len(short.ids) < len(long.ids)
    with torch.no_grad():
        alone = loaded.model(**collate([short], loaded.pad, loaded.device, loaded.dtype)).logits[0]
        beside = loaded.model(**collate([short, long], loaded.pad, loaded.device, loaded.dtype)).logits[0]
    assert torch.allclose(alone, beside[: len(alone)], atol=1e-4)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(tiny: Tiny, tmp_path: Path) -> None:
    options = Options(steps=6, batch=2, accumulate=2, rate=1e-3, warmup=2, every=2)
    examples = tiny.examples[:5]
    base = Config(model=str(tiny.base), device="cpu")

    class Stop(Exception):
        pass

    def stop(line: str) -> None:
        if line.startswith("step 5"):
            raise Stop

    def weights(folder: Path) -> dict[str, torch.Tensor]:
        from safetensors.torch import load_file

        return load_file(folder / "adapter_model.safetensors")

    train(adapt(load(base), options), examples, options, tmp_path / "whole", log=lambda _: None)
    with pytest.raises(Stop):
        train(adapt(load(base), options), examples, options, tmp_path / "parts", log=stop)
    seen: list[str] = []
    train(adapt(load(base), options), examples, options, tmp_path / "parts", log=seen.append)
    assert [line[:6] for line in seen] == ["step 5", "step 6"]
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    assert all(torch.allclose(whole[name], parts[name], atol=1e-6) for name in whole)
    assert any(not torch.equal(whole[name], torch.zeros_like(whole[name])) for name in whole if "lora_B" in name)
    assert not [name for name in whole if "visual" in name]


def test_only_the_adapter_is_trained(tiny: Tiny) -> None:
    loaded = adapt(load(Config(model=str(tiny.base), device="cpu")), Options())
    learnt = [name for name, each in loaded.model.named_parameters() if each.requires_grad]
    assert learnt
    assert all("lora_" in name and "language_model" in name for name in learnt)
    towered = adapt(load(Config(model=str(tiny.base), device="cpu")), Options(tower=True))
    assert any("visual" in name for name, each in towered.model.named_parameters() if each.requires_grad)


def test_evaluation_sees_the_adapter(tiny: Tiny) -> None:
    loaded = load(Config(model=str(tiny.base), adapter=str(tiny.lora), device="cpu"))
    assert evaluate(loaded, tiny.examples) == {"node": 1.0, "edge": 1.0, "exact": 1.0, "cut": 0.0}
    plain = evaluate(loaded, tiny.examples, plain=True)
    assert plain["exact"] < 0.3
    # A short answer counts with what it had said, and is told as cut.
    short = evaluate(loaded, tiny.examples, tokens=96)
    assert short["cut"] == 1.0
    assert short["node"] > 0
    assert short["exact"] < 0.5


def test_drafts_to_be_judged_by(tiny: Tiny) -> None:
    examples = tiny.examples[:3]
    drafts = by_embedded(examples)
    found = of_drafts(examples, drafts)
    assert found["node"] > 0.5  # the embedded engine reads such pictures without having been taught them
    assert drafts(examples[0]) is drafts(examples[0])
    assert of_drafts(examples, lambda each: each.diagram) == {"node": 1.0, "edge": 1.0, "exact": 1.0, "cut": 0.0}
    assert of_drafts(examples, lambda _: None)["node"] == 0.0
    assert spoilt_truth(examples[0]) == spoilt_truth(examples[0])


def test_the_commands(tiny: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for name in ("0.png", "0.json", "1.png", "1.json"):
        shutil.copy(tiny.dark / name, few)
    out = str(tmp_path / "lora")
    command = ["lora", "--model", str(tiny.base), "--device", "cpu", "--data", str(few), "--held-out", str(few)]
    assert main([*command, "--out", out, "--steps", "2", "--accumulate", "1", "--every", "2", "--checkpointing"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == out
    assert "step 2: node" in said.err
    card = json.loads((tmp_path / "lora" / "diagrasp.json").read_text())
    assert card["outcome"]["steps"] == 2
    assert card["options"]["rank"] == 16

    merged, base = str(tmp_path / "merged"), Path(shutil.copytree(tiny.base, tmp_path / "base"))
    (base / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    assert main(["merge", "--model", str(base), "--adapter", str(tiny.lora), "--out", merged, "--device", "cpu"]) == 0
    # Servers and converters find there whatever the base's folder had beside its weights.
    assert {each.name for each in base.iterdir()} <= {each.name for each in Path(merged).iterdir()}
    capsys.readouterr()
    judge = ["evaluate", "--model", merged, "--data", str(few), "--device", "cpu"]
    assert main([*judge, "--drafts", "embedded", "--tokens", "300"]) == 0
    told = capsys.readouterr().out
    assert "| base | no | 1.000 | 1.000 | 1.000 | 0.000 |" in told
    assert "| the draft itself | embedded | " in told
    assert "| base | embedded | " in told
    assert main(["memory"]) == 0
    assert "Qwen3-VL-8B" in capsys.readouterr().out


def test_a_small_model_from_nothing_by_command(tiny: Tiny, tmp_path: Path) -> None:
    sizes = ["--hidden", "32", "--layers", "1", "--heads", "2", "--vision", "32", "--depth", "1", "--vocabulary", "600"]
    out = tmp_path / "nano"
    run = ["scratch", "--data", str(tiny.dark), "--out", str(out), "--device", "cpu", "--steps", "2", *sizes]
    assert main(run) == 0
    loaded = load(Config(model=str(out), device="cpu"))
    assert loaded.tokenizer.get_vocab_size() <= 600


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: None, "holds no pictures with a NAME.json beside them"),
        (lambda folder: (folder / "a.json").write_text('{"version": 9}'), "holds no pictures"),
        (lambda folder: [(folder / n).write_text('{"version": 9}') for n in ("a.json", "a.png")], "is no diagram"),
        (
            lambda folder: ((folder / "a.json").write_text('{"version": 9}'), (folder / "a.png").touch()),
            "is no diagram",
        ),
    ],
)
def test_bad_folders_are_named(
    tmp_path: Path, make: object, said: str, capsys: pytest.CaptureFixture[str], tiny: Tiny
) -> None:
    assert callable(make)
    make(tmp_path)
    with pytest.raises(InputError, match=said):
        read_folder(tmp_path)
    command = [
        "lora",
        "--model",
        str(tiny.base),
        "--device",
        "cpu",
        "--data",
        str(tmp_path),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(command) == 1
    assert said in capsys.readouterr().err


def test_scores() -> None:
    nodes = (Node(id="a", label="Проверить"), Node(id="b", label="Отказать"), Node(id="c", label="Конец"))
    truth = Diagram(nodes=nodes, edges=(Edge(source="a", target="b", label="нет"), Edge(source="b", target="c")))
    assert score(truth, truth).exact
    renamed = Diagram(
        nodes=tuple(n.replace(id=n.id * 2) for n in nodes),
        edges=tuple(Edge(source=e.source * 2, target=e.target * 2, label=e.label) for e in truth.edges),
    )
    assert score(truth, renamed).exact
    turned = truth.replace(edges=(Edge(source="b", target="a", label="нет"), Edge(source="b", target="c")))
    assert score(truth, turned).edge == 0.5
    assert score(truth, turned).node == 1.0
    fewer = truth.replace(nodes=nodes[:2], edges=truth.edges[:1])
    assert score(truth, fewer).node == pytest.approx(0.8)
    assert not score(truth, fewer).exact
    assert score(truth, Diagram()).node == 0.0
    assert score(Diagram(), Diagram()).exact
    reshaped = truth.replace(nodes=(nodes[0].replace(shape="decision"), *nodes[1:]))
    assert score(truth, reshaped).node == 1.0
    assert not score(truth, reshaped).exact
