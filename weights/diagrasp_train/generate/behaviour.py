"""Random state diagrams and sequences of messages."""

from __future__ import annotations

import random
from typing import Any

from diagrasp.model import Diagram
from diagrasp_train.generate.domains import domains
from diagrasp_train.generate.process import Words


def random_states(rng: random.Random, language: str) -> Diagram:
    """A state diagram of something that is worked on."""
    domain = rng.choice(domains(language))
    names = list(domain.states)
    if rng.random() < 0.3:
        names = names[: rng.randint(3, len(names))]
    moves = list(domain.moves) * 3
    nodes: list[dict[str, Any]] = [{"id": "i", "shape": "initial"}]
    nodes += [{"id": f"s{k}", "shape": "state", "label": name} for k, name in enumerate(names)]
    edges: list[dict[str, Any]] = [{"source": "i", "target": "s0"}]
    edges += [{"source": f"s{max(0, k - rng.randint(1, 2))}", "target": f"s{k}"} for k in range(1, len(names))]
    for _ in range(rng.randint(0, 3)):
        a, b = rng.randrange(len(names)), rng.randrange(len(names))
        if all((e["source"], e["target"]) != (f"s{a}", f"s{b}") for e in edges):
            edges.append({"source": f"s{a}", "target": f"s{b}"})
    for edge in edges[1:]:
        if rng.random() < 0.85:
            edge["label"] = moves.pop(rng.randrange(min(len(moves), len(domain.moves))))
    sinks = [f"s{k}" for k in range(len(names)) if not any(e["source"] == f"s{k}" for e in edges)]
    if rng.random() < 0.8:
        nodes.append({"id": "f", "shape": "final"})
        edges += [{"source": s, "target": "f"} for s in sinks or [f"s{len(names) - 1}"]]
    return Diagram.model_validate({"kind": "state", "nodes": nodes, "edges": edges})


def random_sequence(rng: random.Random, language: str) -> Diagram:
    """A sequence of messages between the domain's roles."""
    domain = rng.choice(domains(language))
    roles = rng.sample(domain.roles, rng.randint(3, min(5, len(domain.roles))))
    nodes = [
        {"id": f"p{i}", "label": r, "shape": "actor" if i == 0 and rng.random() < 0.4 else "participant"}
        for i, r in enumerate(roles)
    ]
    words = Words(rng, domain)
    edges: list[dict[str, Any]] = []
    here = 0
    for _ in range(rng.randint(5, 12)):
        there = rng.choice([k for k in range(len(roles)) if k != here or rng.random() < 0.15])
        edges.append({"source": f"p{here}", "target": f"p{there}", "label": words.take("steps")})
        if rng.random() < 0.4 and there != here:
            edges.append({"source": f"p{there}", "target": f"p{here}", "label": words.take("moves"), "line": "dashed"})
        else:
            here = there
    groups: list[dict[str, Any]] = []
    if len(edges) > 6 and rng.random() < 0.4:
        yes, no = words.take("questions").rstrip("?"), {"ru": "иначе", "en": "otherwise"}[language]
        groups = [
            {"id": "f1", "kind": "frame", "label": "alt"},
            {"id": "f1a", "kind": "section", "parent": "f1", "label": yes},
            {"id": "f1b", "kind": "section", "parent": "f1", "label": no},
        ]
        for k, edge in enumerate(edges[-4:]):
            edge["group"] = "f1a" if k < 2 else "f1b"
    return Diagram.model_validate({"kind": "sequence", "nodes": nodes, "edges": edges, "groups": groups})
