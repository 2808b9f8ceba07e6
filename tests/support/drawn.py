"""Diagrams at random, with the labels that break formats, for property tests."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from diagrasp.model import (
    Diagram,
    DiagramKind,
    EdgeKind,
    GroupKind,
    Head,
    Line,
    Marker,
    Shape,
    Trigger,
)

HOSTILE = (
    "",
    "Проверить заявку",
    "a & b < c > d \" ' `",
    "]]> --> <!-- <b>bold</b> <br/>",
    "end",
    "subgraph; style=x;y|z{}[]()",
    "%3Cmxfile%3E &amp; &#10;",
    "=cmd|' /C calc'!A0",
    "😀 ребёнок 中文",
    "שלום עולם",
    "x" * 300,
    "слово " * 40,
)
labels = st.sampled_from(HOSTILE) | st.text(max_size=40)
tidy_labels = labels.map(lambda text: " ".join("".join(c for c in text if c.isprintable()).split()))
"""Labels as formats of drawing tools keep them: one line, single spaces, nothing unprintable."""
numbers = st.floats(-5000, 5000, allow_nan=False).map(lambda x: round(x, 3))
sizes = st.floats(2, 900).map(lambda x: round(x, 3))
names = st.sampled_from(["a", "b", "1", "0", "n 1", "узел", "a;b=c", "x<y", "Process_1", "a_inside", "e1"]) | st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=6
)


def one_of(words: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(get_args(words))


@st.composite
def diagrams(
    draw: st.DrawFn,
    *,
    text: st.SearchStrategy[str] = labels,
    kinds: tuple[str, ...] = get_args(DiagramKind),
    group_kinds: tuple[str, ...] = get_args(GroupKind),
    most: int = 9,
) -> Diagram:
    """Any valid diagram of a few elements."""
    ids = draw(st.lists(names, min_size=1, max_size=2 * most, unique=True))
    cut = draw(st.integers(1, len(ids)))
    node_ids, rest = ids[:cut], ids[cut:]
    group_ids = rest[: draw(st.integers(0, min(4, len(rest))))]
    edge_ids = rest[len(group_ids) :]
    boxed = draw(st.booleans())

    def box() -> Any:
        return (draw(numbers), draw(numbers), draw(sizes), draw(sizes)) if boxed else None

    groups = [
        {
            "id": id,
            "label": draw(text),
            "kind": draw(st.sampled_from(group_kinds)),
            "parent": draw(st.sampled_from([None, *group_ids[:k]])),
            "box": box(),
        }
        for k, id in enumerate(group_ids)
    ]
    nodes = [
        {
            "id": id,
            "label": draw(text),
            "shape": draw(one_of(Shape)),
            "group": draw(st.sampled_from([None, *group_ids])),
            "box": box(),
            "rows": tuple(draw(st.lists(text.filter(bool), max_size=3))) if draw(st.booleans()) else (),
            "trigger": draw(st.none() | one_of(Trigger)),
            "markers": tuple(draw(st.lists(one_of(Marker), max_size=3, unique=True))),
            "attached_to": draw(st.sampled_from([None, None, *node_ids[:k]])),
            "confidence": draw(st.none() | st.just(0.5)),
        }
        for k, id in enumerate(node_ids)
    ]
    ends = st.sampled_from([*node_ids, *node_ids, *group_ids])
    edges = [
        {
            "id": id,
            "source": draw(ends),
            "target": draw(ends),
            "label": draw(text),
            "kind": draw(one_of(EdgeKind)),
            "line": draw(one_of(Line)),
            "head": draw(one_of(Head)),
            "tail": draw(one_of(Head)),
            "source_label": draw(st.just("") | text),
            "target_label": draw(st.just("") | text),
            "default": draw(st.booleans()),
            "group": draw(st.sampled_from([None, *group_ids])),
            "path": [(draw(numbers), draw(numbers)) for _ in range(draw(st.integers(2, 4)))] if boxed else None,
        }
        for id in edge_ids
    ]
    return Diagram(
        kind=draw(st.sampled_from(kinds)),
        title=draw(st.none() | text),
        direction=draw(st.sampled_from([None, "TB", "BT", "LR", "RL"])),
        nodes=nodes,
        edges=edges,
        groups=groups,
    )


def process(steps: int, *, seed: int = 1) -> Diagram:
    """A process of many steps, half as many further edges, forwards and a few backwards."""
    import random

    random = random.Random(seed)
    nodes = [
        {"id": f"n{i}", "label": f"{random.choice(['Проверить заявку', 'Ship the goods', 'Готово'])} {i}",
         "shape": random.choice(["process", "decision", "task", "rounded"])}
        for i in range(steps)
    ]  # fmt: skip
    pairs = [(max(0, i - random.randint(1, 6)), i) for i in range(1, steps)]
    while len(pairs) < steps * 3 // 2:
        start = random.randrange(steps)
        pairs.append((start, max(0, min(steps - 1, start + random.randint(-3, 12)))))
    edges = [{"source": f"n{a}", "target": f"n{b}", "label": random.choice(["", "", "да", "нет"])} for a, b in pairs]
    return Diagram(nodes=nodes, edges=edges)


def unplaced(diagram: Diagram) -> Diagram:
    """The diagram without positions, which writers add."""
    return diagram.model_copy(
        update={
            "nodes": tuple(n.model_copy(update={"box": None}) for n in diagram.nodes),
            "groups": tuple(g.model_copy(update={"box": None}) for g in diagram.groups),
            "edges": tuple(e.model_copy(update={"path": None}) for e in diagram.edges),
        }
    )


@st.composite
def processes(draw: st.DrawFn) -> Diagram:
    """BPMN that says only what BPMN can say: pools, lanes, subprocesses, all symbols, flows and messages."""
    text = tidy_labels
    pools = [f"pool{k}" for k in range(draw(st.integers(0, 2)))]
    groups: list[dict[str, Any]] = [{"id": p, "label": draw(text), "kind": "pool"} for p in pools]
    homes: list[str | None] = []
    for pool in pools:
        lanes = [f"{pool}-lane{k}" for k in range(draw(st.integers(0, 3)))]
        groups += [{"id": lane, "label": draw(text), "kind": "lane", "parent": pool} for lane in lanes]
        homes += lanes or [pool]
    homes = homes or [None]
    owner = {h: h.split("-")[0] if h else None for h in homes}
    activities = ["task", "user_task", "service_task", "script_task", "send_task", "receive_task", "manual_task",
                  "business_rule_task", "call_activity", "subprocess"]  # fmt: skip
    others = ["start_event", "intermediate_event", "end_event", "exclusive_gateway", "parallel_gateway",
              "inclusive_gateway", "event_gateway", "complex_gateway"]  # fmt: skip
    nodes: list[dict[str, Any]] = []
    for k in range(draw(st.integers(1, 8))):
        shape = draw(st.sampled_from(activities + others))
        node = {"id": f"n{k}", "label": draw(text), "shape": shape, "group": draw(st.sampled_from(homes))}
        if shape.endswith("event"):
            node["trigger"] = draw(st.none() | st.sampled_from(["message", "timer", "signal", "conditional", "link"]))
        if shape == "intermediate_event" and draw(st.booleans()):
            node["markers"] = ["throwing"]
        if shape in activities and draw(st.booleans()):
            node["markers"] = [draw(st.sampled_from(["loop", "parallel", "sequential", "compensation"]))]
        nodes.append(node)
    for k, host in enumerate(n for n in list(nodes) if n["shape"] in activities and draw(st.booleans())):
        nodes.append(
            {"id": f"b{k}", "label": draw(text), "shape": "boundary_event", "group": host["group"],
             "attached_to": host["id"], "trigger": "timer",
             "markers": ["non_interrupting"] if draw(st.booleans()) else []}
        )  # fmt: skip
    home = {n["id"]: owner[n["group"]] for n in nodes}
    edges = []
    for k in range(draw(st.integers(0, 8))):
        a, b = draw(st.sampled_from(nodes))["id"], draw(st.sampled_from(nodes))["id"]
        if home[a] == home[b]:
            edges.append({"id": f"f{k}", "source": a, "target": b, "label": draw(text)})
        else:
            edges.append(
                {"id": f"f{k}", "source": a, "target": b, "label": draw(text), "kind": "message", "line": "dashed"}
            )
    return Diagram(kind="bpmn", nodes=nodes, edges=edges, groups=groups)
