"""The page that shows a benchmark: each picture with what was found drawn over it, what is wrong in red.

One file that needs nothing else, in English and Russian; styles, script and words of the frame are in page.html.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib import resources

from diagrasp.bench.calibration import BINS, Pair, expected_error, reliability
from diagrasp.bench.report import FIGURES, grouped, means, percentile
from diagrasp.bench.run import Result, Run
from diagrasp.errors import DiagraspError
from diagrasp.model import Box, Diagram, Edge, Node

LONGEST_SIDE = 1600
"""Pictures are shown at this size at most, in pixels; what is drawn over them keeps their own."""
QUALITY = 70

_WORDS = {
    "all": "все",
    "confidence": "уверенность",
    "missed": "пропущено",
    "too much": "лишнее",
    "read otherwise": "прочитано иначе",
    "another label": "другая подпись",
    "nodes": "узлы",
    "edges": "связи",
    "diagrams": "диаграммы",
    "no answer": "нет ответа",
    "pictures": "изображения",
    "everything is right": "всё верно",
}


def page(run: Run, by: Sequence[str] = ()) -> str:
    """The whole page.

    Args:
        by: columns to give tables for; the first also groups the list of pictures.
    """
    frame = resources.files("diagrasp.bench").joinpath("page.html").read_text(encoding="utf-8")
    tables = [_table("all", {"all": run.results}), *(_table(c, grouped(run.results, c)) for c in by)]
    parts = {
        "ENGINE": escape(", ".join([run.engine, *run.models])),
        "TABLES": "\n".join(tables),
        "COST": escape(_cost(run)),
        "RELIABILITY": "\n".join(_diagram(name, pairs) for name, pairs in run.confidences().items() if pairs),
        "PICTURES": "\n".join(_picture(r, by) for r in sorted(run.results, key=lambda r: r.share)),
    }
    for name, text in parts.items():
        frame = frame.replace(f"<!--{name}-->", text)
    return frame


def _both(word: str) -> str:
    """A word of the page in both its languages; the page shows one."""
    russian = _WORDS.get(word)
    if russian is None:
        return escape(word)
    return f'<span lang="en">{escape(word)}</span><span lang="ru">{escape(russian)}</span>'


def _table(title: str, rows: Mapping[str, Sequence[Result]]) -> str:
    lines = [f"<tr><th>{_both(title)}</th><th>n</th>{''.join(f'<th>{name}</th>' for name in FIGURES)}</tr>"]
    for name, results in rows.items():
        cells = "".join(f"<td>{'' if v is None else f'{v:.3f}'}</td>" for v in means(results).values())
        lines.append(f"<tr><th>{_both(name)}</th><td>{len(results)}</td>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _cost(run: Run) -> str:
    seconds = [r.seconds for r in run.results if r.seconds is not None]
    if not seconds:
        return ""
    parts = [f"p{share * 100:.0f} {percentile(seconds, share):.2f} s" for share in (0.5, 0.95)]
    parts.append(f"max {max(seconds):.2f} s")
    if run.memory is not None:
        parts.append(f"{run.memory / 1e6:.0f} MB")
    return " · ".join(parts)


def _diagram(name: str, pairs: Sequence[Pair]) -> str:
    """A reliability diagram: the share that is right over the confidence; dots grow with the number of elements."""
    bins = reliability(pairs)
    total = len(pairs)
    dots = []
    for i, one in enumerate(bins):
        if one is not None:
            x, y, r = 200 * one.confidence, 200 - 200 * one.right, 2.5 + 12 * (one.count / total) ** 0.5
            title = f"{i / BINS:.1f} – {(i + 1) / BINS:.1f}: {one.count}, {one.confidence:.2f} → {one.right:.2f}"
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"><title>{title}</title></circle>')
    error = expected_error(bins) or 0.0
    return (
        f"<figure><figcaption>{_both(name)}: n {total}, ECE {error:.3f}</figcaption>"
        '<svg class="reliability" viewBox="-16 -16 232 232" width="232" height="232" role="img">'
        '<rect width="200" height="200"/><line x1="0" y1="200" x2="200" y2="0"/>'
        f"{''.join(dots)}</svg></figure>"
    )


def _picture(result: Result, by: Sequence[str]) -> str:
    case = result.case
    tags = " ".join(escape(case.columns.get(column) or "?") for column in by)
    group = escape(case.columns.get(by[0], "") if by else "", quote=True)
    figures = " ".join(f"{name} {value:.2f}" for name in FIGURES if (value := getattr(result.score, name)) is not None)
    if result.seconds is not None:
        figures += f" · {result.seconds:.2f} s"
    if result.confidence is not None:
        figures += f" · {_both('confidence')} {result.confidence:.2f}"
    keys = {"name": case.name, "score": f"{result.share:.4f}", "seconds": f"{result.seconds or 0:.3f}", "group": group}
    attributes = " ".join(f'data-{key}="{escape(value, quote=True)}"' for key, value in keys.items())
    wrong = "".join(_list(word, entries) for word, entries in _mistakes(result).items() if entries)
    if result.error:
        wrong = f"<p class='bad'>{_both('no answer')}: {escape(result.error)}</p>" + wrong
    return (
        f"<article {attributes}><h2>{escape(case.name)} <b>{result.share:.2f}</b> <small>{tags}</small></h2>"
        f"<p>{figures}</p>{_overlay(result)}"
        f"<div class='lists'>{wrong or _both('everything is right')}</div></article>"
    )


def _list(word: str, entries: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(entry)}</li>" for entry in entries)
    return f"<section><h3>{_both(word)} ({len(entries)})</h3><ul>{items}</ul></section>"


def _mistakes(result: Result) -> dict[str, list[str]]:
    """What is wrong, by the word for it."""
    truth, found, marks = result.case.truth, result.found or Diagram(), result.marks
    names = _names(truth), _names(found)
    right = set(marks.nodes.values()), set(marks.edges.values())
    true_node, true_edge = {n.id: n for n in truth.nodes}, {e.id: e for e in truth.edges}
    missed = [names[0][n.id] for n in truth.nodes if n.id not in right[0]]
    missed += [_line(e, names[0]) for e in truth.edges if e.id in marks.wanted and e.id not in right[1]]
    extra = [names[1][n.id] for n in found.nodes if n.id not in marks.nodes]
    extra += [_line(e, names[1]) for e in found.edges if e.id in marks.scored and e.id not in marks.edges]
    otherwise = [
        f"{true_node[marks.nodes[n.id]].label} → {n.label}"
        for n in found.nodes
        if n.id in marks.nodes and n.label != true_node[marks.nodes[n.id]].label
    ]
    labels = [
        f"{_line(true_edge[marks.edges[e.id]], names[0])} → [{e.label}]"
        for e in found.edges
        if e.id in marks.edges and e.id not in marks.labelled
    ]
    return {"missed": missed, "too much": extra, "another label": labels, "read otherwise": otherwise}


def _names(diagram: Diagram) -> dict[str, str]:
    return {n.id: n.label or f"({n.shape})" for n in diagram.nodes}


def _line(edge: Edge, names: Mapping[str, str]) -> str:
    label = f" [{edge.label}]" if edge.label else ""
    return f"{names.get(edge.source, '?')} → {names.get(edge.target, '?')}{label}"


def _overlay(result: Result) -> str:
    """The picture and, over it, what was found; empty where the picture cannot be read."""
    try:
        shown, width, height = _shown(result)
    except (DiagraspError, OSError):
        return ""
    stroke = max(width, height) / 700
    marks = "".join(_marks(result))
    return (
        f'<svg class="overlay" viewBox="0 0 {width} {height}" style="--s:{stroke:.2f}px;max-width:{width}px">'
        f'<image width="{width}" height="{height}" href="data:image/webp;base64,{shown}"/>{marks}</svg>'
    )


def _shown(result: Result) -> tuple[str, int, int]:
    """The picture in base64, made smaller, and its own width and height in pixels."""
    from PIL import Image

    from diagrasp.images import load_picture

    data = result.case.picture.read_bytes()
    picture = load_picture(data, name=result.case.name, max_bytes=len(data), max_pixels=200_000_000)
    image = Image.fromarray(picture.pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=QUALITY)
    return base64.b64encode(file.getvalue()).decode("ascii"), picture.width, picture.height


def _marks(result: Result) -> Iterator[str]:
    """Found elements, right or wrong, and those missed where their place is known."""
    truth, found, marks = result.case.truth, result.found or Diagram(), result.marks
    for node in found.nodes:
        if node.box is not None:
            yield _box(node.box, "right" if node.id in marks.nodes else "wrong", _tip(node))
    for edge in found.edges:
        if edge.path:
            good = edge.id in marks.labelled or edge.id not in marks.scored
            kind = "right" if good else "near" if edge.id in marks.edges else "wrong"
            points = " ".join(f"{p.x:g},{p.y:g}" for p in edge.path)
            tip = escape(_line(edge, _names(found)))
            yield f'<polyline class="{kind}" points="{points}"><title>{tip}</title></polyline>'
            yield f'<circle class="{kind}" cx="{edge.path[-1].x:g}" cy="{edge.path[-1].y:g}" r="1"/>'
    places = {n.id: n.box for n in truth.nodes if n.box is not None}
    right = set(marks.nodes.values()), set(marks.edges.values())
    for node in truth.nodes:
        if node.id not in right[0] and node.id in places:
            yield _box(places[node.id], "missed", _tip(node))
    for each in found.nodes:
        if each.id in marks.nodes and each.box is not None:
            places.setdefault(marks.nodes[each.id], each.box)
    for edge in truth.edges:
        if edge.id in marks.wanted and edge.id not in right[1] and {edge.source, edge.target} <= places.keys():
            (x0, y0), (x1, y1) = places[edge.source].center, places[edge.target].center
            tip = escape(_line(edge, _names(truth)))
            yield f'<polyline class="missed" points="{x0:g},{y0:g} {x1:g},{y1:g}"><title>{tip}</title></polyline>'


def _box(box: Box, kind: str, tip: str) -> str:
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}"'
    return f'<rect class="{kind}" {place}><title>{escape(tip)}</title></rect>'


def _tip(node: Node) -> str:
    sure = "" if node.confidence is None else f" {node.confidence:.2f}"
    return f"{node.label} ({node.shape}){sure}"
