"""Large pictures: where they are cut, and that the parts' graphs make the whole's."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import Future
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diagrasp.engines import Request
from diagrasp.engines.qwen3vl.answer import ordered, write
from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.engine import QwenEngine
from diagrasp.engines.qwen3vl.merging import Part, bridged, merged, within
from diagrasp.engines.qwen3vl.pixels import LEGIBLE, letter_height, plan
from diagrasp.engines.qwen3vl.tiles import COMFORTABLE, MOST, Tile, cut
from diagrasp.engines.qwen3vl.worker import Job, Told
from diagrasp.images import load_picture
from diagrasp.model import Box, Diagram, Edge, Group, Node

BUDGET = 2048
SIZE = 17  # of the font: capitals of about 12 pixels


def poster(columns: int, rows: int, *, pitch: tuple[int, int] = (300, 200)) -> tuple[NDArray[np.uint8], Diagram]:
    """A sheet of boxes joined down the columns and across from each row to the next column, in two pools."""
    wide, tall = pitch
    width, height = columns * wide + 40, rows * tall + 60
    sheet = Image.new("RGB", (width, height), (250, 250, 246))
    pen, font = ImageDraw.Draw(sheet), ImageFont.truetype("DejaVuSans.ttf", SIZE)
    rng = random.Random(1)
    half = columns // 2
    edge_of_pools = [20, 20 + half * wide, 20 + columns * wide]
    groups = []
    for i in range(2):
        box = Box(edge_of_pools[i], 20, edge_of_pools[i + 1] - edge_of_pools[i], height - 40)
        pen.rectangle([box.x, box.y, box.right, box.bottom], outline=(60, 60, 60), width=2)
        groups.append(Group(id=f"g{i}", label=f"Отдел {i}", kind="pool", box=box))
    nodes, edges = [], []
    for column in range(columns):
        for row in range(rows):
            x, y = 20 + column * wide + rng.randint(30, 60), 50 + row * tall + rng.randint(0, 24)
            w, h = rng.randint(150, 190), rng.randint(56, 80)
            label = f"Шаг {column}-{row}"
            fill = tuple(rng.randint(200, 255) for _ in range(3))
            pen.rectangle([x, y, x + w, y + h], fill, (30, 30, 30), 2)
            pen.text((x + w / 2, y + h / 2), label, (10, 10, 10), font, anchor="mm")
            group = f"g{0 if column < half else 1}"
            nodes.append(Node(id=f"n{column}.{row}", label=label, shape="task", box=Box(x, y, w, h), group=group))
    by_id = {node.id: node for node in nodes}
    for column in range(columns):
        for row in range(rows):
            here = by_id[f"n{column}.{row}"]
            for other in (f"n{column}.{row + 1}", f"n{column + 1}.{row}" if row % 3 == 0 else ""):
                if other in by_id:
                    a, b = here.box, by_id[other].box
                    assert a is not None
                    assert b is not None
                    pen.line([a.center, b.center], (30, 30, 30), 2)
                    edges.append(Edge(source=here.id, target=other, label="да" if row % 5 == 0 else ""))
    for node in nodes:  # over the lines
        assert node.box is not None
        inner = [node.box.x + 2, node.box.y + 2, node.box.right - 2, node.box.bottom - 2]
        pen.rectangle(inner, (235, 240, 250))
        pen.text(node.box.center, node.label, (10, 10, 10), font, anchor="mm")
    return np.asarray(sheet), Diagram(
        kind="bpmn", direction="TB", nodes=tuple(nodes), edges=tuple(edges), groups=tuple(groups)
    )


def as_a_reader_sees(truth: Diagram, tile: Tile) -> Diagram:
    """What one who sees the tile only would say: whole symbols, those cut with the box that is left of them."""
    shown = within(truth, tile)
    # Symbols of which less than half is shown are seen too, as fragments with a piece of their text.
    held = {node.id for node in shown.nodes}
    fragments = []
    for node in truth.nodes:
        box = node.box
        assert box is not None
        left, top = max(box.x, tile.x), max(box.y, tile.y)
        right, bottom = min(box.right, tile.right), min(box.bottom, tile.bottom)
        if node.id not in held and right - left > 20 and bottom - top > 8:
            rest = Box(left - tile.x, top - tile.y, right - left, bottom - top)
            fragments.append(Node(id=node.id, label=node.label[:2], shape="process", box=rest))
    return shown.replace(nodes=(*shown.nodes, *fragments))


def facts(diagram: Diagram) -> dict[str, Any]:
    """What a diagram says, whatever its ids."""
    names = {n.id: n.label for n in diagram.nodes} | {g.id: g.label for g in diagram.groups}
    return {
        "nodes": sorted((n.label, n.shape, names.get(n.group or "")) for n in diagram.nodes),
        "edges": sorted((names[e.source], names[e.target], e.label) for e in diagram.edges),
        "groups": sorted(g.label for g in diagram.groups),
        "kind": (diagram.kind, diagram.direction),
    }


@pytest.mark.parametrize(
    ("columns", "rows"),
    [(11, 30), (33, 10), (18, 18), (3, 110)],
    ids=["tall", "wide", "square", "scroll"],
)
def test_twenty_megapixels_are_cut_read_and_put_together(columns: int, rows: int) -> None:
    pixels, truth = poster(columns, rows)
    height, width = pixels.shape[:2]
    assert width * height > 19_000_000
    letters = letter_height(pixels)
    assert letters == pytest.approx(12, abs=2)
    tiles = cut(pixels, letters, budget=BUDGET)
    assert 3 <= len(tiles) <= MOST
    covered = np.zeros((height, width), bool)
    for tile in tiles:
        covered[tile.y : tile.bottom, tile.x : tile.right] = True
        shown = plan(tile.width, tile.height, letters, budget=BUDGET)
        assert shown.tokens <= BUDGET
        assert shown.letters > LEGIBLE
    assert covered.all()
    assert sum(tile.width * tile.height for tile in tiles) < 2 * width * height
    # Every symbol, and every connector with both its ends, is whole in some tile.
    for edge in truth.edges:
        ends = [truth.node(id).box for id in (edge.source, edge.target)]
        assert any(
            all(b and t.x <= b.x and b.right <= t.right and t.y <= b.y and b.bottom <= t.bottom for b in ends)
            for t in tiles
        ), edge
    parts = [Part(tile, as_a_reader_sees(truth, tile)) for tile in tiles]
    whole = merged(parts, width, height)
    assert facts(whole) == facts(truth)
    for node in whole.nodes:
        true = next(each for each in truth.nodes if each.label == node.label)
        assert node.box is not None
        assert true.box is not None
        assert (node.box.x, node.box.y, node.box.w, node.box.h) == pytest.approx(
            (true.box.x, true.box.y, true.box.w, true.box.h), abs=1.5
        )


def test_the_engine_reads_twenty_megapixels_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels, truth = poster(18, 18)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    picture = load_picture(buffer.getvalue(), name="poster", max_bytes=10**8, max_pixels=10**8)
    engine = QwenEngine(Config(device="cpu"))
    jobs: list[Job] = []

    def submit(job: Job) -> Future[Told]:
        """A model that sees its tile only."""
        jobs.append(job)
        offset = (job.pixels.ctypes.data - picture.pixels.ctypes.data) // 3
        y, x = divmod(offset, picture.width)
        tile = Tile(x, y, job.pixels.shape[1], job.pixels.shape[0])
        text = write(ordered(as_a_reader_sees(truth, tile)), tile.width, tile.height)
        job.progress(len(text))
        lines = text.count("\n") + 1
        job.future.set_result(Told(text, (0.9,) * lines, 0, 500, lines * 9, 10.0, True, False, 1.0, 2.0))
        return job.future

    monkeypatch.setattr(engine._worker, "submit", submit)
    seen: list[float] = []
    found = asyncio.run(engine.recognize(picture, Request(draft=truth), lambda share, _: seen.append(share)))
    assert facts(found.diagram) == facts(truth)
    assert len(jobs) > 4
    assert f"the picture was read in {len(jobs)} parts" in found.warnings
    assert found.confidence == pytest.approx(0.9)
    assert seen == sorted(seen)
    assert all(job.draft.startswith("bpmn TB") for job in jobs)
    assert len({job.letters for job in jobs}) == 1


def test_what_can_be_read_as_a_whole_is_not_cut() -> None:
    pixels, _ = poster(3, 4)
    assert cut(pixels, letter_height(pixels), budget=BUDGET) == [Tile(0, 0, pixels.shape[1], pixels.shape[0])]
    large = np.full((4000, 5000, 3), 255, np.uint8)
    assert len(cut(large, 0.0, budget=BUDGET)) == 1  # nothing is written there
    assert len(cut(large, 60.0, budget=BUDGET)) == 1  # a poster with large letters
    tiny = cut(large, COMFORTABLE / 2, budget=64)
    assert 1 < len(tiny) <= MOST


def test_a_cut_goes_between_the_rows() -> None:
    pixels, truth = poster(3, 110)
    tiles = cut(pixels, letter_height(pixels), budget=BUDGET)
    for tile in tiles[1:]:
        for node in truth.nodes:
            assert node.box is not None
            assert not node.box.y < tile.y < node.box.bottom, (tile, node)


def test_a_cut_makes_parts_smaller_wherever_the_paper_is_empty() -> None:
    """An empty band beyond the middle, something written only at the far margin: the overlap must not eat it all."""
    for begin in range(900, 1010, 10):
        for end in range(1350, 1500, 10):
            pixels = np.full((1100, 1535, 3), 255, np.uint8)
            pixels[::8] = pixels[1::8] = 0
            pixels[:, begin:end] = 255
            tiles = cut(pixels, 8.0, budget=BUDGET)
            assert 1 < len(tiles) <= MOST


def part(x: int, y: int, width: int, height: int, **values: Any) -> Part:
    return Part(Tile(x, y, width, height), Diagram(**values))


def test_two_symbols_of_one_name_stay_two_and_what_was_cut_gives_way() -> None:
    first = part(
        0, 0, 400, 300,
        nodes=(
            Node(id="n1", label="Отказ", shape="task", box=Box(20, 20, 100, 60)),
            Node(id="n2", label="Отк", shape="process", box=Box(20, 260, 100, 40)),
        ),
        edges=(Edge(source="n1", target="n2"),),
    )  # fmt: skip
    second = part(
        0, 240, 400, 300,
        nodes=(
            Node(id="n1", label="Отказ", shape="task", box=Box(20, 20, 100, 60)),
            Node(id="n2", label="Конец", shape="end_event", box=Box(20, 200, 40, 40)),
        ),
        edges=(Edge(source="n1", target="n2", label="да"), Edge(source="n1", target="n2", label="нет")),
    )  # fmt: skip
    whole = merged([first, second], 400, 540)
    assert [(n.label, n.shape) for n in whole.nodes] == [("Отказ", "task"), ("Отказ", "task"), ("Конец", "end_event")]
    assert whole.nodes[1].box == Box(20, 260, 100, 60)
    assert [(e.source, e.target, e.label) for e in whole.edges] == [
        ("n1", "n2", ""), ("n2", "n3", "да"), ("n2", "n3", "нет"),
    ]  # fmt: skip


def test_a_label_beyond_the_border_makes_no_second_connector() -> None:
    nodes = (
        Node(id="n1", label="А", box=Box(20, 250, 100, 30)),
        Node(id="n2", label="Б", box=Box(200, 250, 100, 30)),
    )
    upper = part(0, 0, 400, 300, nodes=nodes, edges=(Edge(source="n1", target="n2"),))
    moved = tuple(node.replace(box=Box(node.box.x, 10, 100, 30)) for node in nodes if node.box)
    lower = part(0, 240, 400, 300, nodes=moved, edges=(Edge(source="n1", target="n2", label="да"),))
    assert [edge.label for edge in merged([upper, lower], 400, 540).edges] == ["да"]


def test_connectors_too_long_for_a_tile_are_taken_from_the_draft() -> None:
    def node(id: str, y: float, label: str) -> Node:
        return Node(id=id, label=label, box=Box(20, y, 100, 40))

    draft = Diagram(
        nodes=(node("a", 20, "Начало"), node("b", 260, "Середина"), node("c", 480, "Конец")),
        edges=(
            Edge(source="c", target="a", label="ещё раз"), Edge(source="a", target="b"), Edge(source="b", target="c"),
        ),
    )  # fmt: skip
    tiles = [Tile(0, 0, 400, 320), Tile(0, 240, 400, 300)]
    parts = [Part(tile, within(draft, tile)) for tile in tiles]
    # The second part's model saw no connector between its two symbols: that is its word against the draft's.
    parts[1] = Part(tiles[1], parts[1].diagram.replace(edges=()))
    whole = merged(parts, 400, 540)
    told = bridged(whole, draft, tiles)
    names = {each.id: each.label for each in told.nodes}
    assert [(names[e.source], names[e.target], e.label) for e in told.edges] == [
        ("Начало", "Середина", ""), ("Конец", "Начало", "ещё раз"),
    ]  # fmt: skip
    assert bridged(whole, None, tiles) is whole
    assert bridged(whole, draft, tiles[:1]) is whole


def test_one_part_is_left_as_it_is() -> None:
    alone = part(0, 0, 10, 10, nodes=(Node(id="x", label="А"),))
    assert merged([alone], 10, 10) is alone.diagram
