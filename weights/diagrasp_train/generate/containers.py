"""Diagrams of things within things: nested areas, composite states, subprocesses; a layout that keeps them apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from diagrasp.model import Box, Diagram, Group, Node, Point
from diagrasp_train.generate import graphviz
from diagrasp_train.generate.behaviour import random_states
from diagrasp_train.generate.domains import domains
from diagrasp_train.generate.process import Looks, Process, Words, random_process, write
from diagrasp_train.generate.text import text_width


@dataclass(frozen=True, slots=True)
class Room:
    """What a container needs beside its contents: space around them, and the height of its title, by its kind."""

    margin: float = 20
    title: float = 24
    size: float = 14


def nested_areas(rng: random.Random, language: str, count: int, *, depth: int = 3, titled: float = 0.95) -> Diagram:
    """Parts of a system in areas within areas, with connectors within and between them.

    Args:
        count: about so many nodes.
        titled: share of the areas that have a title.
    """
    domain = rng.choice(domains(language))
    names = list(domain.roles + domain.pools + domain.documents)
    rng.shuffle(names)
    words = Words(rng, domain)
    shapes = rng.choice((("process",), ("process", "rounded"), ("process", "database", "stadium"), ("rounded",)))
    nodes: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []

    def node(home: str | None) -> None:
        label = words.take("states") if rng.random() < 0.3 else words.take("steps")
        nodes.append({"id": f"n{len(nodes)}", "label": label, "shape": rng.choice(shapes), "group": home})

    def area(home: str | None, level: int) -> None:
        label = names.pop() if names and rng.random() < titled else ""
        groups.append({"id": f"g{len(groups)}", "label": label, "parent": home})
        own = groups[-1]["id"]
        if level < depth and rng.random() < 0.35:
            for _ in range(rng.randint(1, 2)):
                area(own, level + 1)
            for _ in range(rng.randint(0, 1)):
                node(own)
        else:
            for _ in range(rng.randint(1, 4)):
                node(own)

    while len(nodes) < count:
        if rng.random() < 0.25:
            node(None)
        else:
            area(None, 1)
    edges: list[dict[str, Any]] = []
    for k in range(1, len(nodes)):
        back = rng.randint(1, min(k, 2 if rng.random() < 0.8 else 4))
        label = rng.choice(domain.moves) if rng.random() < 0.2 else ""
        edges.append({"source": f"n{k - back}", "target": f"n{k}", "label": label})
    tops = [g["id"] for g in groups if g["parent"] is None and g["label"]]
    if len(tops) >= 2 and rng.random() < 0.35:
        a, b = sorted(rng.sample(range(len(tops)), 2))
        edges.append({"source": tops[a], "target": tops[b]})
    return Diagram.model_validate(
        {"kind": "flowchart", "direction": rng.choice(("TB", "TB", "LR")), "nodes": nodes, "edges": edges,
         "groups": [{**g, "kind": "subgraph"} for g in groups]}
    )  # fmt: skip


def composite_states(rng: random.Random, language: str) -> Diagram:
    """A state diagram with one or two states that hold others; some edges end on them."""
    flat = random_states(rng, language).model_dump()
    flat["edges"] = list(flat["edges"])
    domain = rng.choice(domains(language))
    titles = rng.sample(domain.roles + domain.documents, 2)
    states = [n for n in flat["nodes"] if n["shape"] == "state"]
    groups: list[dict[str, Any]] = []
    at = rng.randint(0, 1)
    for title in titles:
        part = states[at : at + rng.randint(2, 3)]
        if len(part) < 2 or (groups and rng.random() < 0.4):
            break
        groups.append({"id": f"c{len(groups)}", "label": title, "kind": "composite"})
        for state in part:
            state["group"] = groups[-1]["id"]
        at += len(part) + rng.randint(0, 1)
    outside = [s for s in states if s["group"] is None]
    if groups and outside and rng.random() < 0.6:
        label = rng.choice(domain.moves)
        flat["edges"].append({"id": "out", "source": groups[0]["id"], "target": outside[-1]["id"], "label": label})
    return Diagram.model_validate({**flat, "groups": groups})


def subprocesses(rng: random.Random, language: str, steps: int, looks: Looks) -> Diagram:
    """A BPMN process with one or two expanded subprocesses, one may be triggered by an event; with a pool or without.

    Of a subprocess `s1` the contents are in the group `s1_in`.
    """
    process = random_process(rng, language, max(4, steps // 2), depth=1)
    data = write(rng, process, looks).model_dump()
    nodes, edges = list(data["nodes"]), list(data["edges"])
    groups: list[dict[str, Any]] = []
    home = None
    if rng.random() < 0.5:
        home = "p1"
        groups.append({"id": home, "label": rng.choice(process.domain.pools), "kind": "pool"})
    nodes = [{**n, "group": home} for n in nodes]
    tasks = [n for n in nodes if n["shape"] == "task" or n["shape"].endswith("_task")]
    rng.shuffle(tasks)
    plain = Words(rng, process.domain)
    for number in range(rng.randint(1, 2)):
        triggered = number == 1 and rng.random() < 0.7
        if not triggered and not tasks:
            break
        if triggered:
            host: dict[str, Any] = {"id": f"n{len(nodes) + 1}", "label": plain.take("documents"), "group": home}
            nodes.append(host)
        else:
            host = tasks.pop()
        host["shape"] = "subprocess"
        host["markers"] = ("adhoc",) if not triggered and rng.random() < 0.15 else ()
        inside = f"{host['id']}_in"
        groups.append({"id": inside, "label": host["label"], "kind": "subprocess", "parent": home})
        _fill(rng, process, looks, nodes, edges, inside, triggered=triggered)
    return Diagram.model_validate({"kind": "bpmn", "nodes": nodes, "edges": edges, "groups": groups})


def _fill(
    rng: random.Random, process: Process, looks: Looks, nodes: list[dict[str, Any]], edges: list[dict[str, Any]],
    inside: str, *, triggered: bool,
) -> None:  # fmt: skip
    """Put a small process of its own into a subprocess."""
    part = random_process(rng, process.domain.language, rng.randint(2, 3), depth=1, lanes=1, domain=process.domain)
    inner = write(rng, part, looks).model_dump()
    rename = {n["id"]: f"{inside}{n['id']}" for n in inner["nodes"]}
    for n in inner["nodes"]:
        more: dict[str, Any] = {}
        if n["shape"] == "start_event":
            trigger = rng.choice(("message", "timer", "error", "signal", "escalation")) if triggered else None
            gentle = triggered and trigger != "error" and rng.random() < 0.5
            more = {"trigger": trigger, "markers": ("non_interrupting",) if gentle else ()}
        nodes.append({**n, **more, "id": rename[n["id"]], "group": inside})
    for e in inner["edges"]:
        ends = {"source": rename[e["source"]], "target": rename[e["target"]]}
        edges.append({**e, **ends, "id": f"{inside}{e['id']}"})


def lay_out(
    diagram: Diagram, size: Callable[[Node], tuple[float, float]], room: Room, *, ortho: bool = False
) -> Diagram:
    """Boxes for nodes and groups, and paths, by Graphviz: whatever is in a container lies within its box.

    Nodes whose contents are a group (`s1` and `s1_in`) get that group's box.  Edges that end on a group get no path.
    """
    insides = {g.id.removesuffix("_in"): g.id for g in diagram.groups if g.id.endswith("_in")}
    drawn = {n.id: n for n in diagram.nodes if n.id not in insides and n.attached_to is None}
    out = ["digraph g {", f"rankdir={diagram.direction or 'LR'}; nodesep=0.45; ranksep=0.6; compound=true;"]
    out.append(f'splines={"ortho" if ortho else "spline"}; node [shape=box, fixedsize=true, label=""];')

    def inside(parent: str | None) -> None:
        for g in diagram.groups:
            if g.parent == parent:
                wide = text_width(g.label, room.size) / 72
                label = f"<<TABLE BORDER='0' FIXEDSIZE='TRUE' WIDTH='{wide * 72 + 10:.0f}' HEIGHT='{room.title:.0f}'>"
                out.append(
                    f"subgraph cluster_{g.id} {{ margin={room.margin:g}; label={label}<TR><TD></TD></TR></TABLE>>;"
                )
                inside(g.id)
                out.append("}")
        for n in drawn.values():
            if n.group == parent:
                w, h = size(n)
                out.append(f'"{n.id}" [width={w / 72:.4f}, height={h / 72:.4f}];')

    inside(None)
    first: dict[str, str] = {}
    for n in drawn.values():
        for g in (*diagram.ancestors(n.group),) if n.group else ():
            first.setdefault(g.id, n.id)

    def end(id: str, word: str) -> tuple[str, str]:
        group = insides.get(id, id if id in first else None)
        return (id, "") if group is None else (first[group], f'{word}="cluster_{group}"')

    for e in diagram.edges:
        (a, tail), (b, head) = end(e.source, "ltail"), end(e.target, "lhead")
        out.append(f'"{a}" -> "{b}" [{",".join(x for x in (tail, head, f"id={chr(34)}{e.id}{chr(34)}") if x)}];')
    out.append("}")
    found = graphviz.layout("\n".join(out))
    boxes = found.boxes
    for node, group in insides.items():
        boxes[node] = boxes[group]
    paths = {e.id: found.paths.get(e.id) for e in diagram.edges}
    if ortho:
        paths = {k: _corners(p) if p else p for k, p in paths.items()}
    return diagram.replace(
        nodes=tuple(n.replace(box=boxes.get(n.id)) for n in diagram.nodes),
        groups=tuple(g.replace(box=boxes.get(g.id)) for g in diagram.groups),
        edges=tuple(e.replace(path=paths.get(e.id)) for e in diagram.edges),
    )


def _corners(path: tuple[Point, ...]) -> tuple[Point, ...]:
    """An orthogonal path's ends and corners only."""
    kept = [path[0]]
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        straight = (abs(a.x - b.x) < 0.6 and abs(b.x - c.x) < 0.6) or (abs(a.y - b.y) < 0.6 and abs(b.y - c.y) < 0.6)
        if not straight:
            kept.append(b)
    return (*kept, path[-1])


def titled(group: Group) -> Box:
    """A group's box; raises ValueError where it has none."""
    if group.box is None:
        raise ValueError(f"group {group.id!r} has no place")
    return group.box
