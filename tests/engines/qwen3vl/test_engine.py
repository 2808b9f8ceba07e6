"""The engine on a tiny Qwen3-VL of its own: exact graphs through its own loading path, and what can go wrong."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from diagrasp.engines import Recognition, Request
from diagrasp.engines.qwen3vl import create
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.engine import QwenEngine
from diagrasp.engines.qwen3vl.worker import Job
from diagrasp.errors import EngineError, EngineUnavailable, Overloaded, RecognitionTimeout
from diagrasp.images import Picture, load_picture
from diagrasp.model import Diagram
from diagrasp.settings import Settings
from diagrasp_train.lora.scores import mean, score

from .conftest import Tiny

pytestmark = pytest.mark.timeout(900)  # the first test to ask trains the model


def picture(file: Path) -> Picture:
    return load_picture(file.read_bytes(), name=file.name, max_bytes=10**7, max_pixels=10**7)


def config(tiny: Tiny, **changes: Any) -> Config:
    values = {"model": str(tiny.base), "adapter": str(tiny.lora), "device": "cpu", "max_new_tokens": 512}
    return Config(**{**values, **changes})


def silent(share: float, doing: str) -> None:
    assert 0 <= share <= 1
    assert doing


async def told(engine: QwenEngine, tiny: Tiny, **request: Any) -> list[Recognition]:
    jobs = [engine.recognize(picture(tiny.dark / f"{i}.png"), Request(**request), silent) for i in range(8)]
    return list(await asyncio.gather(*jobs))


def figures(tiny: Tiny, found: list[Recognition]) -> dict[str, float]:
    return mean(score(each.diagram, answer.diagram) for each, answer in zip(tiny.examples, found, strict=True))


def test_reads_what_its_adapter_was_taught_and_not_without(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny))
        assert engine.check() == []
        found = await told(engine, tiny)
        assert figures(tiny, found) == {"node": 1.0, "edge": 1.0, "exact": 1.0}
        for example, answer in zip(tiny.examples, found, strict=True):
            assert [n.label for n in answer.diagram.nodes] == [n.label for n in example.diagram.nodes]
            assert all(n.box and n.confidence for n in answer.diagram.nodes)
            assert answer.warnings == ()
            assert answer.confidence > 0.9
            assert answer.model == "base + lora (float32 on cpu)"
        plain = await told(engine, tiny, options={"adapter": "none"})
        assert figures(tiny, plain)["exact"] < 0.3
        assert figures(tiny, plain)["node"] < 0.8
        assert engine.statistics.answers == 16
        assert engine.statistics.tokens_per_second > 1
        await engine.aclose()
        bare = QwenEngine(config(tiny, adapter=None))
        assert figures(tiny, await told(bare, tiny)) == figures(tiny, plain)
        assert bare.revision != engine.revision
        await bare.aclose()

    asyncio.run(main())
    assert not [t for t in threading.enumerate() if t.name == "diagrasp-qwen3vl"]


def test_a_draft_changes_the_way_not_the_answer_where_the_model_is_sure(tiny: Tiny) -> None:
    """Verified many tokens at a time, the answer is that of plain greedy decoding of the same prompt."""
    from diagrasp.engines.qwen3vl import generation
    from diagrasp.engines.qwen3vl.prompt import draft_of

    generator = generation.Generator(config(tiny))
    for example in tiny.examples[:4]:
        draft = draft_of(example.diagram, example.width, example.height)
        fast = generator.tell([Job(example.pixels, draft)])[0]
        monkey = pytest.MonkeyPatch()
        monkey.setattr(generation, "lookup", lambda job: {})
        plain = generator.tell([Job(example.pixels, draft)])[0]
        monkey.undo()
        assert isinstance(fast, generation.Told)
        assert isinstance(plain, generation.Told)
        assert fast.text == plain.text
        assert fast.shares == pytest.approx(plain.shares, abs=1e-3)


def test_the_registry_builds_it_from_settings(tiny: Tiny) -> None:
    settings = Settings.load(vlm_model=str(tiny.base), vlm_adapter=str(tiny.lora), device="cpu", max_new_tokens=300)
    engine = create(settings)
    assert isinstance(engine, QwenEngine)
    assert engine.spec.id == "qwen3-vl"
    assert engine.check() == []
    assert len(engine.revision) == 16


def test_nothing_heavy_is_imported_to_build_and_check(tiny: Tiny) -> None:
    import subprocess

    code = (
        "import sys\n"
        "from diagrasp.engines.qwen3vl import create\n"
        "from diagrasp.settings import Settings\n"
        f"engine = create(Settings.load(vlm_model={str(tiny.base)!r}, vlm_adapter={str(tiny.lora)!r}))\n"
        "assert engine.check() == [], engine.check()\n"
        "assert engine.revision\n"
        "print([name for name in ('torch', 'transformers', 'peft', 'cv2') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_revision_follows_the_files(tiny: Tiny, tmp_path: Path) -> None:
    shutil.copytree(tiny.lora, tmp_path / "lora")
    before = QwenEngine(config(tiny, adapter=str(tmp_path / "lora"))).revision
    assert before == QwenEngine(config(tiny)).revision
    weights = load_file(tmp_path / "lora" / "adapter_model.safetensors")
    name = min(weights)
    weights[name] = weights[name] + 1
    save_file(weights, tmp_path / "lora" / "adapter_model.safetensors")
    assert QwenEngine(config(tiny, adapter=str(tmp_path / "lora"))).revision != before


def test_cancelling_frees_the_caller_and_stops_the_work(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, max_new_tokens=4000))
        page = picture(tiny.dark / "0.png")
        await engine.recognize(page, Request(), silent)
        loop = asyncio.get_running_loop()
        for pause in (0.0, 0.01, 0.05, 0.1):
            begun = asyncio.Event()

            def started(share: float, doing: str, begun: asyncio.Event = begun) -> None:
                if "tokens" in doing:
                    loop.call_soon_threadsafe(begun.set)
                    time.sleep(0.05)  # a quick machine would be done before it is cancelled

            task = asyncio.create_task(engine.recognize(page, Request(), started))
            await begun.wait()
            await asyncio.sleep(pause)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        # The thread is free again, and what it says is still right.
        truth = tiny.examples[0].diagram
        assert score(truth, (await engine.recognize(page, Request(), silent)).diagram).exact
        await engine.aclose()

    asyncio.run(main())
    assert not [t for t in threading.enumerate() if t.name == "diagrasp-qwen3vl"]


def test_nobody_waits_for_nobody_but_company_is_told_together(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    from diagrasp.engines.qwen3vl import generation, worker

    monkeypatch.setattr(worker, "_IDLE", 3600.0)
    batches: list[int] = []
    tell = generation.Generator.tell

    def counted(self: Any, jobs: list[Job]) -> Any:
        batches.append(len(jobs))
        return tell(self, jobs)

    monkeypatch.setattr(generation.Generator, "tell", counted)

    async def main() -> None:
        engine = QwenEngine(config(tiny))
        pages = [picture(tiny.dark / f"{i}.png") for i in range(4)]
        await engine.recognize(pages[0], Request(), silent)
        # Pictures that are still being measured are waited for, also where one of them is given up meanwhile.
        tasks = [asyncio.create_task(engine.recognize(page, Request(), silent)) for page in pages]
        await asyncio.sleep(0)
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await engine.recognize(pages[1], Request(), silent)
        await engine.aclose()

    asyncio.run(main())
    assert batches == [1, 3, 1]


def test_closing_drops_what_waits(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny))
        page = picture(tiny.dark / "0.png")
        tasks = [asyncio.create_task(engine.recognize(page, Request(), silent)) for _ in range(6)]
        await asyncio.sleep(0.05)
        await engine.aclose()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(outcome, Recognition | asyncio.CancelledError | EngineUnavailable)
        with pytest.raises(EngineUnavailable, match="closed"):
            await engine.recognize(page, Request(), silent)

    asyncio.run(main())


def test_a_full_queue_is_refused(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, queue=1))
        page = picture(tiny.dark / "0.png")
        tasks = [asyncio.create_task(engine.recognize(page, Request(), silent)) for _ in range(40)]
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [each for each in outcomes if isinstance(each, Overloaded)]
        assert refused
        assert refused[0].retry_after > 0
        assert [each for each in outcomes if isinstance(each, Recognition)]
        await engine.aclose()

    asyncio.run(main())


def test_timeout_is_said(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, timeout=0.001))
        with pytest.raises(RecognitionTimeout, match="DIAGRASP_TIMEOUT"):
            await engine.recognize(picture(tiny.dark / "0.png"), Request(), silent)
        await engine.aclose()

    asyncio.run(main())


def test_memory_running_out_is_tried_once_smaller(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import Qwen3VLForConditionalGeneration as Model

    generate, seen, failures = Model.generate, [], 1

    def scarce(self: Any, **inputs: Any) -> Any:
        seen.append(inputs["pixel_values"].shape[0])
        if len(seen) <= failures:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return generate(self, **inputs)

    monkeypatch.setattr(Model, "generate", scarce)
    monkeypatch.setattr("diagrasp.engines.qwen3vl.generation.BUDGET", {"cpu": 64})

    async def main() -> None:
        nonlocal failures
        engine = QwenEngine(config(tiny))
        page = picture(tiny.dark / "0.png")
        found = await engine.recognize(page, Request(), silent)
        assert any("memory ran out once" in warning for warning in found.warnings)
        assert len(seen) == 2
        assert seen[1] <= seen[0] / 1.5
        failures = 10
        with pytest.raises(EngineError, match=r"memory ran out twice .*DIAGRASP_DTYPE"):
            await engine.recognize(page, Request(), silent)
        await engine.aclose()

    asyncio.run(main())


def test_an_answer_that_does_not_fit_says_so(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, max_new_tokens=96))
        found = await engine.recognize(picture(tiny.dark / "0.png"), Request(), silent)
        assert any("cut short" in warning for warning in found.warnings)
        assert found.confidence < 0.6
        truth = tiny.examples[0].diagram
        assert {n.label for n in found.diagram.nodes} <= {"", *(n.label for n in truth.nodes)}
        await engine.aclose()

    asyncio.run(main())


def test_unknown_options_are_named(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny))
        with pytest.raises(EngineError, match="adapter=3"):
            await engine.recognize(picture(tiny.dark / "0.png"), Request(options={"adapter": "3"}), silent)

    asyncio.run(main())


# What is missing or does not fit is refused by name, before anything is loaded.


def refusal(tiny: Tiny, **changes: Any) -> str:
    async def main() -> str:
        engine = QwenEngine(config(tiny, **changes))
        problems = engine.check()
        with pytest.raises(EngineUnavailable) as caught:
            await engine.recognize(picture(tiny.dark / "0.png"), Request(), silent)
        await engine.aclose()
        said = f"{problems[0].message}: {problems[0].remedy}".removesuffix(": ")
        assert said == str(caught.value)
        assert problems[0].fatal
        return said

    return asyncio.run(main())


def test_no_such_folder(tiny: Tiny, tmp_path: Path) -> None:
    said = refusal(tiny, model=str(tmp_path / "nothing"), adapter=None)
    assert "config.json, tokenizer.json, preprocessor_config.json and *.safetensors (4.3 GB for the 2B model)" in said
    assert "DIAGRASP_VLM_MODEL" in said


def test_weights_that_are_not_here_and_cannot_be_fetched(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)

    def unreachable(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("huggingface_hub.snapshot_download", unreachable)

    async def main() -> None:
        engine = QwenEngine(config(tiny, model="Qwen/Qwen3-VL-2B-Instruct", adapter=None))
        problem = engine.check()[0]
        assert problem.fatal
        assert "hf download Qwen/Qwen3-VL-2B-Instruct" in problem.remedy
        assert "4.3 GB" in problem.remedy
        with pytest.raises(EngineUnavailable, match=r"cannot be fetched \(no route to host\)"):
            await engine.recognize(picture(tiny.dark / "0.png"), Request(), silent)
        await engine.aclose()

    asyncio.run(main())


def test_a_hub_cache_is_found(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "models--Some--Qwen3-VL"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("abc")
    shutil.copytree(tiny.base, home / "snapshots" / "abc")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    engine = QwenEngine(config(tiny, model="Some/Qwen3-VL"))
    assert engine.check() == []


def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / folder.name))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "preprocessor_config.json", "model.safetensors"])
def test_a_checkpoint_that_lacks_a_file(tiny: Tiny, tmp_path: Path, name: str) -> None:
    base = copied(tiny.base, tmp_path)
    (base / name).unlink()
    assert name.replace("model.", "*.") in refusal(tiny, model=str(base))


def test_a_checkpoint_that_was_not_fetched_to_the_end(tiny: Tiny, tmp_path: Path) -> None:
    base = copied(tiny.base, tmp_path)
    whole = (base / "model.safetensors").read_bytes()
    (base / "model.safetensors").write_bytes(whole[:-100])
    assert f"it ends after {len(whole) - 100} of {len(whole)} bytes" in refusal(tiny, model=str(base))


def test_a_checkpoint_of_another_kind(tiny: Tiny, tmp_path: Path) -> None:
    base = copied(tiny.base, tmp_path)
    (base / "config.json").write_text(json.dumps({"model_type": "llama"}))
    assert "of the type 'llama'" in refusal(tiny, model=str(base))


def test_an_adapter_that_is_not_there(tiny: Tiny, tmp_path: Path) -> None:
    assert f"there is no adapter {tmp_path / 'nothing'}" in refusal(tiny, adapter=str(tmp_path / "nothing"))


def test_an_adapter_without_weights(tiny: Tiny, tmp_path: Path) -> None:
    lora = copied(tiny.lora, tmp_path)
    (lora / "adapter_model.safetensors").unlink()
    assert "lacks adapter_model.safetensors" in refusal(tiny, adapter=str(lora))


def test_an_adapter_that_is_corrupt(tiny: Tiny, tmp_path: Path) -> None:
    lora = copied(tiny.lora, tmp_path)
    (lora / "adapter_model.safetensors").write_bytes(b"\xff" * 64)
    assert "adapter_model.safetensors is corrupt" in refusal(tiny, adapter=str(lora))


def changed(lora: Path, change: Any) -> None:
    weights = load_file(lora / "adapter_model.safetensors")
    save_file(change(weights), lora / "adapter_model.safetensors")


def test_an_adapter_of_another_base(tiny: Tiny, tmp_path: Path) -> None:
    lora = copied(tiny.lora, tmp_path)

    def wider(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {k: torch.zeros(v.shape[0], 2 * v.shape[1]) if "q_proj.lora_A" in k else v for k, v in weights.items()}

    changed(lora, wider)
    said = refusal(tiny, adapter=str(lora))
    assert "q_proj is 96 wide in the one and 48 in the other" in said
    assert "does not fit the base" in said


def test_an_adapter_whose_rank_is_not_what_it_says(tiny: Tiny, tmp_path: Path) -> None:
    lora = copied(tiny.lora, tmp_path)
    stated = json.loads((lora / "adapter_config.json").read_text())
    (lora / "adapter_config.json").write_text(json.dumps({**stated, "r": 8}))
    assert "has rank 16 at" in refusal(tiny, adapter=str(lora))


def test_an_adapter_for_modules_that_the_base_has_not(tiny: Tiny, tmp_path: Path) -> None:
    lora = copied(tiny.lora, tmp_path)
    changed(lora, lambda weights: {k.replace("layers.1.", "layers.7."): v for k, v in weights.items()})
    assert "which the base" in refusal(tiny, adapter=str(lora))


def test_an_adapter_that_is_no_lora(tiny: Tiny, tmp_path: Path) -> None:
    lora = copied(tiny.lora, tmp_path)
    (lora / "adapter_config.json").write_text(json.dumps({"peft_type": "PROMPT_TUNING"}))
    assert "'PROMPT_TUNING'" in refusal(tiny, adapter=str(lora))


def test_an_adapter_taught_another_prompt_is_a_warning(tiny: Tiny, tmp_path: Path) -> None:
    lora = copied(tiny.lora, tmp_path)
    (lora / "diagrasp.json").write_text(json.dumps({"prompt_version": "0.1"}))
    problem = QwenEngine(config(tiny, adapter=str(lora))).check()[0]
    assert not problem.fatal
    assert "trained on prompt 0.1" in problem.message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"device": "cuda:0"}, "DIAGRASP_DEVICE: this machine has no cuda:0"),
        ({"device": "abacus"}, "DIAGRASP_DEVICE: no device 'abacus'"),
        ({"dtype": "float8"}, "DIAGRASP_DTYPE: no type 'float8'"),
        ({"quantization": "int4", "device": "cpu"}, "needs `pip install torchao`"),
    ],
)
def test_settings_that_this_machine_cannot_serve(tiny: Tiny, changes: dict[str, Any], said: str) -> None:
    if torch.cuda.is_available() and "cuda" in said:
        changes = {"device": "mps"}
        said = "DIAGRASP_DEVICE: this machine has no mps"

    async def main() -> None:
        engine = QwenEngine(config(tiny, **changes))
        with pytest.raises(EngineUnavailable, match=said):
            await engine.recognize(picture(tiny.dark / "0.png"), Request(), silent)
        await engine.aclose()

    asyncio.run(main())


def test_bfloat16_reads_too(tiny: Tiny) -> None:
    async def main() -> None:
        engine = QwenEngine(config(tiny, dtype="bfloat16"))
        assert figures(tiny, await told(engine, tiny))["node"] > 0.7
        await engine.aclose()

    asyncio.run(main())


def test_the_command_line_reads_with_it(tiny: Tiny, tmp_path: Path) -> None:
    import os
    import subprocess

    settings = {
        "DIAGRASP_VLM_MODEL": str(tiny.base), "DIAGRASP_VLM_ADAPTER": str(tiny.lora), "DIAGRASP_DEVICE": "cpu",
        "DIAGRASP_MAX_NEW_TOKENS": "512", "DIAGRASP_DB": str(tmp_path / "cache.db"), "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    wanted = ["recognize", str(tiny.dark / "0.png"), "--engine", "qwen3-vl", "--to", "json"]
    command = [sys.executable, "-m", "diagrasp", *wanted]
    started = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert score(tiny.examples[0].diagram, Diagram.from_json(done.stdout)).exact
    assert "Traceback" not in done.stderr
    assert time.monotonic() - started < 200
