"""From a scene and its readings to the typed graph."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np

from diagrasp.engines.embedded.bpmn.capitals import with_covered_capitals
from diagrasp.engines.embedded.bpmn.circles import with_messages_turned
from diagrasp.engines.embedded.bpmn.closed import with_closed_pools
from diagrasp.engines.embedded.bpmn.defaults import default_flows
from diagrasp.engines.embedded.bpmn.flows import with_kinds
from diagrasp.engines.embedded.bpmn.hosts import on_hosts
from diagrasp.engines.embedded.bpmn.notation import name_by_signs, unnamed_flows
from diagrasp.engines.embedded.bpmn.pools import sole_lanes
from diagrasp.engines.embedded.bpmn.tasks import without_icons
from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.frames.grouping import groups_of, home_of, in_picture, subprocesses
from diagrasp.engines.embedded.frames.sorting import LARGEST_EMPTY
from diagrasp.engines.embedded.graph.emblems import with_emblems
from diagrasp.engines.embedded.graph.evidence import Evidence, gather
from diagrasp.engines.embedded.graph.kinds import GATEWAYS, Draft, kind_of_diagram
from diagrasp.engines.embedded.graph.lettered import letter_in, named_by_letters, one_script, reference_in
from diagrasp.engines.embedded.graph.proofs import proofread, undashed, with_mates
from diagrasp.engines.embedded.graph.surroundings import surroundings
from diagrasp.engines.embedded.hand.reading import page_crops, read_latin_page
from diagrasp.engines.embedded.labels.blocks import Block
from diagrasp.engines.embedded.labels.broken import joined as as_one
from diagrasp.engines.embedded.labels.cases import with_small_letters
from diagrasp.engines.embedded.labels.dim import grey_of
from diagrasp.engines.embedded.labels.doubts import by_latin_net, second_look
from diagrasp.engines.embedded.labels.inner import (
    holds_sign,
    wipe_connectors,
    wipe_margins,
    wipe_neighbours,
    wipe_outline,
)
from diagrasp.engines.embedded.labels.lost import without_scribble
from diagrasp.engines.embedded.labels.numbers import numbered, with_digits, without_digits
from diagrasp.engines.embedded.labels.sharing import share
from diagrasp.engines.embedded.lines.connectors import Connector
from diagrasp.engines.embedded.lines.paths import Points
from diagrasp.engines.embedded.picture.raster import Image
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.reading import LineReader, Reading
from diagrasp.engines.embedded.sequence import Sequence, to_diagram
from diagrasp.engines.embedded.symbols.marks import disc, gateway
from diagrasp.engines.embedded.text.textlines import Text, TextLine
from diagrasp.engines.embedded.uml.behind import joined_behind
from diagrasp.engines.embedded.uml.marks import name_marks, with_ends
from diagrasp.engines.embedded.uml.members import compartments, named, signed
from diagrasp.engines.embedded.uml.multiplicities import KINDS, multiplicity, nearer_end
from diagrasp.engines.embedded.uml.relations import related, relation_ends, side_by_side
from diagrasp.engines.embedded.uml.signs import beside_signs, counts
from diagrasp.model import Diagram, Edge, Node, Point

ENDS = frozenset({"начало", "конец", "старт", "стоп", "begin", "start", "end", "stop", "inicio", "fin", "fim", "ende"})
"""What is written in circles where a flowchart begins or ends: however doubtful its letters, no sign reads like it."""
MARGIN = 0.15
"""By how much surer a line across a lifeline must be read with the lifeline for that reading to count."""


def assemble(scene: Scene, pixels: Image, reader: LineReader) -> tuple[Diagram, Evidence]:
    """Read the text, name everything, decide what kind of diagram it is.

    Returns:
        The diagram, with boxes and paths in pixels of the picture, and what speaks for and against it beside the graph.
    """
    if scene.sequence is not None:
        return _sequence(scene, scene.sequence, pixels, reader), Evidence()
    if not scene.nodes and not scene.frames:
        return Diagram(kind="flowchart"), Evidence()
    offered = with_digits(scene) if scene.clean is None else set()
    readings = _read(scene, pixels, reader)
    numbers = numbered(scene, readings)
    without_digits(scene, offered - numbers)
    without_scribble(scene, readings)
    letter, scale = scene.sheet.letter, scene.sheet.scale
    for i in [i for i, lines in scene.inside.items() if not _say(lines, readings)]:
        del scene.inside[i]  # a cylinder's rings, say
    with_emblems(scene, readings)
    lettered = named_by_letters(scene, readings)
    drafts = [
        (letter_in if lettered or i in numbers else reference_in)(scene, i, readings) or _draft(scene, i, readings)
        for i in range(len(scene.nodes))
    ]
    ends = relation_ends(scene)
    if scene.tables:
        scene.connectors, ends = joined_behind(scene.connectors, ends, letter)
    kind = kind_of_diagram(scene, drafts, ends)
    if kind == "bpmn":
        for i, draft in enumerate(drafts):
            lines = without_icons(scene.inside.get(i, []), scene.nodes[i].outline.box, letter)
            if draft.label == _say(lines, readings):
                draft.label = _say(lines, readings, named=True)
        with_messages_turned(scene)
        drafts = with_closed_pools(scene, drafts)
        flat = [t for t in scene.outside if not t.vertical]
        scene.frames += sole_lanes(scene.frames, flat, scene.nodes, letter)
    sharing = share(
        scene,
        {i for i, d in enumerate(drafts) if kind != "bpmn" and d.shape in ("initial", "final", "merge")},
        unnamed_flows(scene) if kind == "bpmn" else {},
        lambda lines: _say(lines, readings),
        many=kind in KINDS,
    )
    if kind != "bpmn":
        with_ends(scene, drafts)
        name_marks(scene, drafts, sharing)
    for i, blocks in sharing.nodes.items():
        drafts[i].label = _say([line for b in blocks for line in b.lines], readings, named=kind == "bpmn")
    for draft in drafts:
        _settle(draft, kind)
    if kind == "bpmn":
        name_by_signs(scene, drafts, lambda lines: _say(lines, readings))

    titles = {i: _say([line for b in blocks for line in b.lines], readings) for i, blocks in sharing.frames.items()}
    groups, order = groups_of(scene, titles, kind)
    nodes = []
    joined = {end - 1 for c in scene.connectors for end in (c.source, c.target)}
    around = surroundings(scene, sharing, joined)
    for i, draft in enumerate(drafts):
        if i in around:
            continue
        if draft.shape == "bar" and i not in joined and kind == "flowchart":
            continue  # nothing forks or joins there
        box = scene.nodes[i].box
        nodes.append(
            Node(
                id=f"n{i + 1}", label=draft.label, shape=draft.shape, group=home_of(scene, groups, order, box),
                rows=draft.rows, trigger=draft.trigger, markers=draft.markers, box=in_picture(scene, box),
                confidence=round(float(min(1.0, max(0.0, draft.sure))), 3),
            )
        )  # fmt: skip
    nodes, frame_nodes = subprocesses(nodes, groups, order, kind, len(drafts))
    if kind == "bpmn":
        nodes = on_hosts(nodes)
    counted = counts(scene, reader) if kind == "class" else {}
    edges: list[Edge] = []
    usual = default_flows(scene) if kind == "bpmn" else set()
    seen: set[tuple[int, int, str]] = set()
    told: list[str | None] = [None] * len(scene.connectors)
    plural = any(e.plural for e in ends)
    for i, connector in enumerate(scene.connectors):
        a, b = connector.source, connector.target
        signs = {end: counted[i, end] for end in ("source", "target") if (i, end) in counted}
        blocks = [b for b in sharing.connectors.get(i, []) if not beside_signs(b.box, signs)]
        label, source_label, target_label = _sayings(blocks, connector, kind, letter, readings, signs)
        label = undashed(label) if connector.dashed else label
        length = float(np.hypot(*np.diff(connector.path, axis=0).T).sum())
        if a == b and length < 3 * letter:
            continue
        names = []
        for end in (a, b):
            beyond = end - len(scene.nodes) - 1
            names.append(f"n{end}" if beyond < 0 else frame_nodes.get(beyond, f"g{order.index(beyond) + 1}"))
        key = (a, b, label)
        if key in seen:
            continue
        seen.add(key)
        path = tuple(
            Point(round(float(x) / scale, 1), round(float(y) / scale, 1))
            for x, y in _simplify(connector.path) - scene.margin
        )
        edge = Edge(
            id=f"e{len(edges) + 1}", source=names[0], target=names[1], label=label,
            source_label=source_label, target_label=target_label,
            line="dashed" if connector.dashed else "solid",
            head="arrow" if connector.head else "none", tail="arrow" if connector.tail else "none",
            path=path, confidence=round(0.5 + 0.5 * connector.sure, 3), default=i in usual,
        )  # fmt: skip
        edges.append(related(edge, ends[i], kind, level=side_by_side(scene, connector), many=plural))
        told[i] = edge.id
    edges = with_mates(edges, {n.id for n in nodes if n.shape in ("decision", "exclusive_gateway")})
    if kind == "bpmn":
        edges = with_kinds(edges, nodes, groups)
    diagram = Diagram(kind=kind, nodes=tuple(nodes), edges=tuple(edges), groups=tuple(groups))
    evidence = gather(scene, readings, sharing, [f"n{i + 1}" for i in range(len(scene.nodes))], told)
    return diagram, evidence


def _sayings(
    found: list[Block],
    connector: Connector,
    kind: str,
    letter: float,
    readings: dict[int, Reading],
    signs: dict[str, tuple[str, Rect]],
) -> tuple[str, str, str]:
    """What a connector is called, and what is said at its source and at its target.

    Args:
        found: text that belongs to it, signs at its ends apart.
        signs: how many there are at an end, and where that stands.
    """
    ends = {end: signs[end][0] if end in signs else "" for end in ("source", "target")}
    rest: list[Block] = []
    for block in found:
        count = multiplicity(_say(block.lines, readings)) if kind in KINDS else None
        end = nearer_end(block.box, connector.path, letter) if count else None
        if count and end and not ends[end]:
            ends[end] = count
        else:
            rest.append(block)
    label = _say([line for block in rest for line in block.lines], readings, named=kind == "bpmn")
    return label, ends["source"], ends["target"]


def _sequence(scene: Scene, sequence: Sequence, pixels: Image, reader: LineReader) -> Diagram:
    """The graph of a sequence diagram; what it leaves out goes to the scene's remarks.

    Lines across a lifeline are read with it and without: taking it away may take a letter's stem away too.
    """
    readings = _read(scene, sequence.pixels, reader)
    named = [t for h in sequence.heads for t in h.lines]
    crossed = [
        t for t in scene.text.lines
        if any(t.box.x0 < c.x < t.box.x1 for c in sequence.columns) and not any(t is n for n in named)
    ]  # fmt: skip
    for id_, other in _read(replace(scene, text=Text(crossed, scene.text.ink)), pixels, reader).items():
        if other.confidence > readings[id_].confidence + MARGIN:
            readings[id_] = other
    diagram, remarks = to_diagram(
        sequence,
        lambda lines: _say(lines, readings),
        lambda lines: min((readings[id(t)].confidence for t in lines), default=0.9),
    )
    scene.remarks.extend(remarks)
    return diagram


def _read(scene: Scene, pixels: Image, reader: LineReader) -> dict[int, Reading]:
    """Every line's reading, by the line's identity."""
    if scene.clean is not None:
        return _read_by_hand(scene, pixels, reader)
    scale = scene.sheet.scale
    height, width = pixels.shape[:2]
    crops: list[Image] = []
    signs: set[int] = set()
    homes = {id(line): scene.nodes[i] for i, lines in scene.inside.items() for line in lines}
    lost = {id(line) for line in scene.doubtful}
    for line in scene.text.lines:
        margin = 0.22 * line.size
        b = line.box
        x0, y0 = max(0, round((b.x0 - margin) / scale)), max(0, round((b.y0 - margin) / scale))
        x1, y1 = min(width, round((b.x1 + margin) / scale)), min(height, round((b.y1 + margin) / scale))
        grey = grey_of(pixels[y0:y1, x0:x1])
        home = homes.get(id(line))
        if home is not None and holds_sign(home, scene.sheet.letter):
            signs.add(len(crops))
        elif home is not None and grey.size:
            wipe_outline(grey, (x0, y0), scale, home)
        elif home is None and grey.size and not line.vertical:
            rows = math.floor(b.y0 / scale) - y0, math.ceil(b.y1 / scale) - y0
            (wipe_margins if id(line) in lost else wipe_neighbours)(grey, *rows)
            wipe_connectors(grey, round(b.x0 / scale) - x0, round(b.x1 / scale) - x0)
        crops.append(np.ascontiguousarray(np.rot90(grey, -1) if line.vertical else grey))
    readings = by_latin_net(one_script(second_look(crops, reader), crops, reader), crops, reader, signs)
    readings = with_small_letters(scene.text.lines, readings)
    readings = proofread(with_covered_capitals(scene, pixels, readings, reader))
    return {id(line): r for line, r in zip(scene.text.lines, readings, strict=True)}


def _read_by_hand(scene: Scene, pixels: Image, reader: LineReader) -> dict[int, Reading]:
    readings = read_latin_page(scene, pixels, reader)
    if readings is None:
        crops = page_crops(scene, scene.text.lines)
        reader = getattr(reader, "for_handwriting", lambda: reader)()
        readings = one_script(second_look(crops, reader, brief=True), crops, reader)
    return {id(line): r for line, r in zip(scene.text.lines, readings, strict=True)}


def _say(lines: list[TextLine], readings: dict[int, Reading], *, named: bool = False) -> str:
    """Lines in reading order as one label: a line break is a space, a word hyphenated at a line's end is joined.

    Args:
        named: they name a symbol, and no variable stands alone in their last line.
    """
    rows: list[list[TextLine]] = []
    turned = [line for line in lines if line.vertical]  # read upwards: the first line is the leftmost
    rows += [[line] for line in _upwards(turned)]
    lines = [line for line in lines if not line.vertical]
    for line in sorted(lines, key=lambda t: t.box.cy):
        if (
            rows
            and not line.vertical
            and abs(line.box.cy - rows[-1][0].box.cy) <= 0.45 * max(line.size, rows[-1][0].size)
        ):
            rows[-1].append(line)
        else:
            rows.append([line])
    words = [readings[id(t)].text.strip() for row in rows for t in sorted(row, key=lambda t: t.box.x0)]
    out = ""
    words = [word for word in words if word]
    for k, word in enumerate(words, 1):
        hyphenated = re.search(r"\w-$", out) and word[:1].islower()
        broken = as_one(out, word, last=named and k == len(words))
        out = out[:-1] + word if hyphenated else broken if broken is not None else f"{out} {word}".strip()
    return out


def _upwards(lines: list[TextLine]) -> list[TextLine]:
    """Turned lines in reading order: columns from left to right, each from the bottom up."""
    columns: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda t: t.box.cx):
        if columns and abs(line.box.cx - columns[-1][0].box.cx) <= 0.5 * line.size:
            columns[-1].append(line)
        else:
            columns.append([line])
    return [line for column in columns for line in sorted(column, key=lambda t: -t.box.cy)]


def _draft(scene: Scene, i: int, readings: dict[int, Reading]) -> Draft:
    symbol, sheet = scene.nodes[i], scene.sheet
    lines = scene.inside.get(i, [])
    box = symbol.outline.box
    if symbol.shape in ("process", "rounded", "document", "note") and len(symbol.outline.parts) < 2:
        lines = without_icons(lines, box, sheet.letter)
    small = max(box.w, box.h) <= 7 * sheet.letter
    count = letters_of(lines, sheet.letter)
    large = symbol.shape == "circle" and max(box.w, box.h) <= LARGEST_EMPTY * sheet.letter
    sign = count <= 1 or ((small or large) and _scribble(lines, readings))
    sure = symbol.outline.fit.score * (min((readings[id(t)].confidence for t in lines), default=0.9) ** 0.25)
    if symbol.shape == "circle" and (small or large) and (sign or not lines):
        look = disc(sheet, symbol)
        if look.solid:
            return Draft("initial", sure=sure, small_circle=not look.dark)
        if look.bullseye:
            return Draft("final", sure=sure)
        if small and (not lines or look.icon):
            scene.inside.pop(i, None)
            double = look.double or symbol.rings >= 2
            shape = "intermediate_event" if double else "end_event" if look.ring > 0.17 else "start_event"
            return Draft(shape, sure=sure, small_circle=True)
    if symbol.shape == "decision" and small and count <= 2:
        scene.inside.pop(i, None)
        kind = gateway(sheet, symbol)
        if kind is None and lines:
            kind = "exclusive_gateway"
        return Draft(kind or "merge", sure=sure)
    lines, members = compartments(symbol, lines)
    rows = tuple(signed(_say(row, readings), row, scene.tables) for row in members)
    label = _say(lines, readings)
    if len(symbol.outline.parts) >= 2:
        label = named(label)
    shape = {"trapezoid": "manual_operation", "triangle": "process", "icon": "process"}.get(symbol.shape, symbol.shape)
    if shape == "circle" and symbol.rings >= 2:
        shape = "double_circle"
    if shape == "process" and symbol.outline.barred:
        shape = "subprocess"
    return Draft(shape, label, sure, rows=rows)


def letters_of(lines: list[TextLine], letter: float) -> int:
    """How many letters lines have, at least: small ones of a word run together and count by their width."""
    tall = [r for t in lines for r in t.letters if r.h >= 0.5 * letter]
    return sum(len(t.letters) for t in lines) - len(tall) + sum(max(1, round(r.w / (1.4 * r.h))) for r in tall)


def _scribble(lines: list[TextLine], readings: dict[int, Reading]) -> bool:
    """Whether what stands in a small circle reads as no word: the sign of an event."""
    said = [readings[id(t)] for t in lines]
    if all(r.text.strip(" .!").casefold() in ENDS for r in said):
        return False
    if len(said) == 1 and re.fullmatch(r"\d{1,2}[.)]", said[0].text.strip()) and said[0].confidence >= 0.8:
        return False  # numbers of steps
    letters = sum(c.isalnum() for r in said for c in r.text)
    return letters < 2 or min(r.confidence for r in said) < 0.7


def _settle(draft: Draft, kind: str) -> None:
    """Name a shape by the notation of its kind of diagram."""
    if kind == "bpmn":
        draft.shape = {
            "rounded": "task", "process": "task", "merge": "exclusive_gateway", "final": "end_event",
            "initial": "end_event" if draft.label else "start_event", "circle": "start_event", "hexagon": "task",
            "database": "data_store", "document": "data_object", "note": "data_object", "stadium": "task",
        }.get(draft.shape, draft.shape)  # fmt: skip
        if draft.shape == "decision":
            draft.shape = "exclusive_gateway"
        return
    if draft.small_circle and draft.shape != "initial":
        draft.shape = "circle"
    if draft.shape in GATEWAYS:
        draft.shape = "decision"
    if kind == "activity":
        draft.shape = {"hexagon": "decision", "rounded": "process", "stadium": "process"}.get(draft.shape, draft.shape)
    elif kind == "state":
        draft.shape = {"rounded": "state", "process": "state", "stadium": "state"}.get(draft.shape, draft.shape)
    elif kind in ("class", "er"):
        shape = "class" if kind == "class" else "entity"
        draft.shape = shape if draft.shape in ("process", "rounded") else draft.shape
    elif kind == "usecase":
        draft.shape = {"ellipse": "usecase", "circle": "usecase", "stadium": "usecase"}.get(draft.shape, draft.shape)


def _simplify(path: Points) -> Points:
    import cv2

    line = cv2.approxPolyDP(path.astype(np.float32).reshape(-1, 1, 2), 1.5, closed=False)
    return np.asarray(line, np.float64).reshape(-1, 2)


__all__ = ["Block", "assemble"]
