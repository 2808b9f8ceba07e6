"""What real BPMN has beside the flow: waits, boundary events, annotations, data, a partner's pool."""

from __future__ import annotations

import random
from typing import Any

from diagrasp.model import Diagram
from diagrasp_train.generate.domains import NOTES
from diagrasp_train.generate.process import Looks, Process, random_process, write


def decorate_bpmn(rng: random.Random, diagram: Diagram, process: Process) -> Diagram:
    """Add what real BPMN has beside the flow: waiting events, boundary events, annotations, data, a second pool."""
    data = diagram.model_dump()
    nodes, edges, groups = list(data["nodes"]), list(data["edges"]), list(data["groups"])
    domain, language = process.domain, process.domain.language
    tasks = [n for n in nodes if n["shape"].endswith("task")]

    def add(node: dict[str, Any]) -> str:
        id = f"n{len(nodes) + 1}"
        nodes.append({"id": id, **node})
        return id

    def edge(source: str, target: str, **more: Any) -> None:
        edges.append({"id": f"e{len(edges) + 1}", "source": source, "target": target, **more})

    if tasks and rng.random() < 0.45:  # a wait between two steps
        at = rng.choice([e for e in edges if e.get("kind", "flow") == "flow"])
        shown = next(n for n in nodes if n["id"] == at["target"])
        trigger = rng.choice(("timer", "message", "signal", "conditional"))
        wait = add(
            {
                "shape": "intermediate_event", "trigger": trigger, "group": shown["group"],
                "label": rng.choice(domain.waits), "markers": ("throwing",) if trigger == "signal" else (),
            }
        )  # fmt: skip
        edge(wait, at["target"])
        at["target"] = wait
    if tasks and rng.random() < 0.2:  # whichever happens first
        at = rng.choice([e for e in edges if e.get("kind", "flow") == "flow" and not e.get("label")])
        lane = next(n for n in nodes if n["id"] == at["target"])["group"]
        gateway = add({"shape": "event_gateway", "label": "", "group": lane})
        for trigger, wait in zip(("message", "timer"), rng.sample(domain.waits, 2), strict=True):
            event = add({"shape": "intermediate_event", "trigger": trigger, "group": lane, "label": wait})
            edge(gateway, event)
            if trigger == "message":
                edge(event, at["target"])
            else:
                edge(event, add({"shape": "end_event", "label": process.ends[1], "group": lane}))
        at["target"] = gateway
    if tasks and rng.random() < 0.4:  # something goes wrong at a task
        host = rng.choice(tasks)
        trigger = rng.choice(("timer", "error", "message", "escalation"))
        event = add(
            {
                "shape": "boundary_event", "trigger": trigger, "attached_to": host["id"], "group": host["group"],
                "label": rng.choice(domain.waits) if rng.random() < 0.7 else "",
                "markers": ("non_interrupting",) if trigger != "error" and rng.random() < 0.3 else (),
            }
        )  # fmt: skip
        end = add({"shape": "end_event", "label": process.ends[0], "group": host["group"]})
        edge(event, end)
    if tasks and rng.random() < 0.35:
        near = rng.choice(tasks)
        shape = rng.choice(("annotation", "data_object", "data_store"))
        label = rng.choice(NOTES[language] if shape == "annotation" else domain.documents)
        aside = add({"shape": shape, "label": label, "group": near["group"]})
        if shape == "annotation":
            edge(near["id"], aside, kind="association", line="dotted", head="none")
        else:
            edge(near["id"], aside, kind="data", line="dotted")
    if groups and tasks and rng.random() < 0.4:  # a partner's pool, open or closed
        words = [p for p in domain.pools if p != groups[0]["label"]]
        groups.append({"id": "p2", "label": rng.choice(words), "kind": "pool"})
        senders = rng.sample(tasks, min(2, len(tasks)))
        begin = add({"shape": "start_event", "trigger": "message", "group": "p2", "label": rng.choice(domain.starts)})
        task = add({"shape": "task", "group": "p2", "label": rng.choice(domain.steps)})
        end = add({"shape": "end_event", "group": "p2", "label": ""})
        edge(begin, task)
        edge(task, end)
        edge(senders[0]["id"], begin, kind="message", line="dashed")
        if len(senders) > 1:
            edge(task, senders[1]["id"], kind="message", line="dashed")
    return Diagram.model_validate({**data, "nodes": nodes, "edges": edges, "groups": groups})


def collaboration(rng: random.Random, language: str, steps: int, looks: Looks) -> Diagram:
    """Two or three pools, each with a process of its own, that send each other messages."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    tasks: list[list[str]] = []
    first = random_process(rng, language, 1)
    names = rng.sample(first.domain.pools, min(rng.choice((2, 2, 3)), len(first.domain.pools)))
    for k, name in enumerate(names):
        process = random_process(rng, language, max(2, steps // len(names)), depth=1, lanes=1, domain=first.domain)
        part = write(rng, process, looks).model_dump()
        groups.append({"id": f"p{k}", "label": name, "kind": "pool"})
        rename = {n["id"]: f"p{k}{n['id']}" for n in part["nodes"]}
        nodes += [{**n, "id": rename[n["id"]], "group": f"p{k}"} for n in part["nodes"]]
        for e in part["edges"]:
            edges.append(
                {**e, "id": f"e{len(edges) + 1}", "source": rename[e["source"]], "target": rename[e["target"]]}
            )
        tasks.append([rename[n["id"]] for n in part["nodes"] if n["shape"].endswith("task")])
    said: set[str] = set()
    for _ in range(rng.randint(1, 2 * len(names) - 1)):
        a, b = rng.sample(range(len(names)), 2)
        if not tasks[a] or not tasks[b]:
            continue
        ends = rng.choice(tasks[a]), rng.choice(tasks[b])
        if not said & set(ends):
            said |= set(ends)
            label = rng.choice(first.domain.documents) if rng.random() < 0.3 else ""
            edges.append(
                {"id": f"e{len(edges) + 1}", "source": ends[0], "target": ends[1], "label": label, "kind": "message",
                 "line": "dashed"}
            )  # fmt: skip
    return Diagram.model_validate({"kind": "bpmn", "nodes": nodes, "edges": edges, "groups": groups})
