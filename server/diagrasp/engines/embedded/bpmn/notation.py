"""The names of BPMN's symbols by their signs: kinds of tasks, events with triggers, gateways, markers.

The general reading has told events, gateways and activities apart; what is said here is only what is drawn in them.  A
sign counts where the net is sure of it: a plain task is no mistake, a task of the wrong kind is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from diagrasp.engines.embedded.bpmn.icons import corner_icon, event_crop, foot_marks, gateway_crop
from diagrasp.engines.embedded.bpmn.signs import Crop, Said, SignNet
from diagrasp.engines.embedded.bpmn.tasks import without_icons
from diagrasp.engines.embedded.drawing import Scene
from diagrasp.engines.embedded.graph.kinds import Draft
from diagrasp.engines.embedded.labels.sharing import QUIET
from diagrasp.engines.embedded.picture.rect import Rect
from diagrasp.engines.embedded.symbols.find import Symbol, colour_of
from diagrasp.engines.embedded.text.textlines import TextLine

SURE: Final = 0.8
"""Least probability of an icon or a marker that counts."""
RATHER: Final = 0.6
"""The same for a trigger or a gateway's sign."""
RINGS_READ: Final = {"start_event": 0.75, "intermediate_event": 0.9, "end_event": 0.75}
"""The same for a ring that another measurement has read already: two rings are hardly seen where there is one."""
THICKER: Final = 0.5
"""Least probability of a thick ring that counts where flows come in and none goes out, as of an end."""
OUT_OF_EVENT: Final = 1.2
"""What a text must be closer, in letter heights, to name the flow out of an event rather than anything else."""
OF_DATA: Final = 3.0
"""The same of the dotted line from or to data or a note, which has never a name either, and often leads to one."""
THICK: Final = 1.5
"""How many times the usual border a call activity's is."""

ACTIVITIES: Final = ("task", "subprocess")
ASIDE: Final = ("annotation", "note", "document", "database")
"""What stands beside the flow: symbols of notes and data."""
EVENTS: Final = ("start_event", "intermediate_event", "end_event", "initial", "final", "circle")
TASKS: Final = {
    "user": "user_task", "service": "service_task", "script": "script_task", "send": "send_task",
    "receive": "receive_task", "manual": "manual_task", "business_rule": "business_rule_task",
}  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """A crop to be read: of which node, and what stands where."""

    node: int
    what: str
    crop: Crop
    box: Rect


def name_by_signs(scene: Scene, drafts: list[Draft], say: Callable[[list[TextLine]], str]) -> None:
    """Settle what the drafts of a BPMN diagram are, by the signs in their symbols.

    Args:
        drafts: of the nodes, in their order, changed in place.
        say: the label that lines of text make.
    """
    places = [p for i, d in enumerate(drafts) for p in _places(scene, i, d)]
    said = SignNet().read([p.crop for p in places])
    marks: dict[int, list[tuple[_Place, dict[str, Said]]]] = {}
    for place, heads in zip(places, said, strict=True):
        marks.setdefault(place.node, []).append((place, heads))
    usual = _usual_border(scene, drafts)
    last = _where_flows_end(scene)
    for i, draft in enumerate(drafts):
        found = marks.get(i, [])
        symbol = scene.nodes[i]
        if draft.shape in ACTIVITIES:
            _activity(draft, found)
            if draft.shape in ACTIVITIES and _border(scene, symbol) >= max(THICK * usual, 0.28 * scene.sheet.letter):
                draft.shape = "call_activity"
                draft.markers = tuple(m for m in draft.markers if m != "collapsed")  # every one is drawn with a plus
            used = [p.box for p, _ in found if p.what in draft.signs]
            lines = _tidy(scene, i, used)
            if lines is not None:
                draft.label = say(lines)
        elif found and found[0][0].what == "event":
            _event(draft, found[0][1], last=i in last)
        elif found and found[0][0].what == "gateway":
            _gateway(draft, found[0][1]["gateway"])


def unnamed_flows(scene: Scene) -> dict[int, float]:
    """Sequence flows out of activities and events, by position: conditions stand on those out of gateways.

    Returns:
        What a text must be closer, in letter heights, to name such a flow; that out of an event has never a name, nor
        has a broken line that data or a note is at the end of.
    """
    found = {}
    for i, c in enumerate(scene.connectors):
        ends = [scene.nodes[end - 1].shape for end in (c.source, c.target) if end <= len(scene.nodes)]
        shape = scene.nodes[c.source - 1].shape if c.source <= len(scene.nodes) else "decision"
        if c.dashed and any(end in ASIDE for end in ends):
            found[i] = OF_DATA
        elif not c.dashed and shape != "decision":
            found[i] = OUT_OF_EVENT if shape == "circle" else QUIET
    return found


def _places(scene: Scene, i: int, draft: Draft) -> list[_Place]:
    """Where a node may carry signs."""
    symbol, sheet = scene.nodes[i], scene.sheet
    box = symbol.outline.box
    small = max(box.w, box.h) <= 7 * sheet.letter
    if draft.shape in EVENTS and symbol.shape == "circle" and small:
        crop = event_crop(sheet, symbol)
        return [_Place(i, "event", crop, box)] if crop is not None else []
    if draft.shape.endswith("gateway") and symbol.shape == "decision" and small and not scene.inside.get(i):
        crop = gateway_crop(sheet, symbol)
        return [_Place(i, "gateway", crop, box)] if crop is not None else []
    if draft.shape not in ACTIVITIES or min(box.w, box.h) < 4 * sheet.letter or len(symbol.outline.parts) > 1:
        return []
    lines = without_icons(scene.inside.get(i, []), box, sheet.letter)
    out = []
    corner = corner_icon(sheet, symbol, lines)
    if corner is not None:
        out.append(_Place(i, "corner", corner[1], corner[0]))
    out += [_Place(i, "foot", crop, place) for place, crop in foot_marks(sheet, symbol, lines)]
    return out


def _activity(draft: Draft, found: list[tuple[_Place, dict[str, Said]]]) -> None:
    markers = []
    for place, heads in found:
        said = heads[place.what]
        if said.what == "none" or said.sure < SURE:
            continue
        if place.what == "corner":
            draft.shape = TASKS[said.what]
            draft.signs.add("corner")
        elif said.what not in markers:
            markers.append(said.what)
            draft.signs.add("foot")
    if "collapsed" in markers:
        draft.shape = "subprocess"
    draft.markers = tuple(markers)


def _where_flows_end(scene: Scene) -> set[int]:
    """The nodes, by position, that flows come to and none leaves."""
    flows = [c for c in scene.connectors if not c.dashed]
    return {c.target - 1 for c in flows} - {c.source - 1 for c in flows}


def _event(draft: Draft, heads: dict[str, Said], *, last: bool) -> None:
    """Name an event.

    Args:
        last: flows come to it and none leaves it.
    """
    ring, trigger = heads["ring"], heads["trigger"]
    ends = last and ring.what == "thick" and draft.shape == "start_event"
    if ring.sure >= (THICKER if ends else RINGS_READ.get(draft.shape, 0.0)):
        draft.shape = {"thin": "start_event", "double": "intermediate_event", "thick": "end_event"}[ring.what]
    markers = []
    if trigger.what != "none" and trigger.sure >= RATHER:
        draft.trigger = trigger.what
        if draft.shape == "intermediate_event" and heads["filled"].what == "yes" and heads["filled"].sure >= RATHER:
            markers.append("throwing")
        if draft.trigger == "terminate":
            draft.shape = "end_event"
    if draft.shape != "end_event" and heads["dashed"].what == "yes" and heads["dashed"].sure >= SURE:
        markers.append("non_interrupting")
    draft.markers = tuple(markers)


def _gateway(draft: Draft, said: Said) -> None:
    if said.what == "none":
        draft.shape = "exclusive_gateway"
    elif said.sure >= RATHER:
        draft.shape = f"{said.what}_gateway"


def _tidy(scene: Scene, i: int, used: list[Rect]) -> list[TextLine] | None:
    """A task's lines of text without those that are signs; None where all of them are text."""
    lines = without_icons(scene.inside.get(i, []), scene.nodes[i].outline.box, scene.sheet.letter)
    kept = [t for t in lines if not any(u.grow(2).overlap(t.box) > 0.8 * t.box.w * t.box.h for u in used)]
    return kept if len(kept) < len(lines) else None


def _usual_border(scene: Scene, drafts: list[Draft]) -> float:
    """The commonest thickness of activities' borders, in pixels: of few the thinner."""
    widths = [_border(scene, scene.nodes[i]) for i, d in enumerate(drafts) if d.shape in ACTIVITIES]
    return float(np.percentile(widths, 30, method="lower")) if widths else 0.0


def _border(scene: Scene, symbol: Symbol) -> float:
    """The thickness of an outline's stroke, in pixels: the median over its four sides.

    It is measured by colour: the middle of a broad stroke is as flat as paper.
    """
    sheet, b = scene.sheet, symbol.outline.box
    reach = max(3, round(0.9 * sheet.letter))
    paper = colour_of(sheet, symbol.outline.region)
    runs = []
    for share in (0.25, 0.4, 0.6, 0.75):
        x, y = round(b.x0 + share * b.w), round(b.y0 + share * b.h)
        for line in (
            sheet.rgb[max(0, b.y0 - reach) : b.y0 + 1, x][::-1],
            sheet.rgb[b.y1 - 1 : b.y1 + reach, x],
            sheet.rgb[y, max(0, b.x0 - reach) : b.x0 + 1][::-1],
            sheet.rgb[y, b.x1 - 1 : b.x1 + reach],
        ):
            differs = np.abs(line.astype(np.int32) - paper).max(axis=1)
            darkest = int(differs[: round(0.6 * reach)].argmax())
            like = np.abs(line.astype(np.int32) - line[darkest].astype(np.int32)).max(axis=1) < 0.5 * differs[darkest]
            runs.append(int(like.sum()) if differs[darkest] > 30 else 0)
    return float(np.median(runs))
