"""Sequences of messages with everything that their notations offer: frames, notes, activations, icons, dividers.

A script is a list of events.  It is written as Mermaid or as PlantUML; the truth is made of the same events, without
the notes, dividers and numbers that both notations add to the graph.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from diagrasp.model import Diagram
from diagrasp_train.generate.domains import NOTES, domains
from diagrasp_train.generate.process import Words

ICONS = ("boundary", "control", "entity", "database", "collections")
FONTS = ("DejaVu Sans", "Liberation Sans", "Roboto", "PT Sans", "Noto Sans", "Liberation Serif")
FRAMES = ("alt", "alt", "opt", "loop", "par")
OTHERWISE = {"ru": ("иначе", "в противном случае"), "en": ("otherwise", "else")}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a script: what (message, note, enter, section, leave, divider), about whom, saying what."""

    what: str
    ends: tuple[int, ...] = ()
    text: str = ""
    dashed: bool = False
    activate: bool = False
    deactivate: bool = False


@dataclass(slots=True)
class Script:
    """Participants as (shape, label), and events in order."""

    people: list[tuple[str, str]]
    events: list[Event] = field(default_factory=list)

    def truth(self) -> Diagram:
        """The graph: participants, messages, frames with their sections."""
        nodes = [{"id": f"p{i}", "label": label, "shape": shape} for i, (shape, label) in enumerate(self.people)]
        edges: list[dict[str, Any]] = []
        groups: list[dict[str, Any]] = []
        open_: list[tuple[str, str]] = []

        def section(frame: str, label: str) -> str:
            id = f"{frame}_{sum(g.get('parent') == frame and g['kind'] == 'section' for g in groups) + 1}"
            groups.append({"id": id, "kind": "section", "label": label, "parent": frame})
            return id

        for event in self.events:
            if event.what == "enter":
                word, _, text = event.text.partition(" ")
                frame = f"f{sum(g['kind'] == 'frame' for g in groups) + 1}"
                groups.append(
                    {"id": frame, "kind": "frame", "label": word, "parent": open_[-1][1] if open_ else None}
                )  # fmt: skip
                open_.append((frame, section(frame, text)))
            elif event.what == "section":
                open_[-1] = open_[-1][0], section(open_[-1][0], event.text)
            elif event.what == "leave":
                open_.pop()
            elif event.what == "message":
                a, b = event.ends
                edges.append(
                    {
                        "source": f"p{a}", "target": f"p{b}", "label": event.text,
                        "line": "dashed" if event.dashed else "solid", "group": open_[-1][1] if open_ else None,
                    }
                )  # fmt: skip
        return Diagram.model_validate({"kind": "sequence", "nodes": nodes, "edges": edges, "groups": groups})


def random_script(rng: random.Random, language: str) -> Script:
    """Calls and answers between the roles of a domain, some in frames, some with notes."""
    domain = rng.choice(domains(language))
    roles = rng.sample(domain.roles, rng.randint(2, min(6, len(domain.roles))))
    icons = rng.random() < 0.35
    people = [
        ("actor" if i == 0 and rng.random() < 0.5 else rng.choice(ICONS) if icons and rng.random() < 0.6
         else "participant", role)
        for i, role in enumerate(roles)
    ]  # fmt: skip
    script, words = Script(people), Words(rng, domain)
    notes = list(NOTES[language])
    lively, noting = rng.random() < 0.4, rng.random() < 0.5
    here = 0

    def talk(turns: int) -> None:
        nonlocal here
        for _ in range(turns):
            there = rng.choice([k for k in range(len(roles)) if k != here or rng.random() < 0.15])
            answered = there != here and rng.random() < 0.5
            script.events.append(
                Event("message", (here, there), words.take("steps"), activate=lively and answered)
            )  # fmt: skip
            if noting and rng.random() < 0.2:
                where = rng.choice(("over", "left of", "right of"))
                script.events.append(Event("note", (there,), f"{where}|{rng.choice(notes)}"))
            if answered:
                script.events.append(
                    Event("message", (there, here), words.take("moves"), dashed=rng.random() < 0.85, deactivate=lively)
                )  # fmt: skip
            else:
                here = there

    def frame(depth: int) -> None:
        word = rng.choice(FRAMES)
        condition = words.take("questions").rstrip("?")
        script.events.append(Event("enter", text=f"{word} {condition}"))
        talk(rng.randint(1, 3))
        if depth < 2 and rng.random() < 0.25:
            frame(depth + 1)
        if word in ("alt", "par"):
            for _ in range(rng.choice((1, 1, 2))):
                text = rng.choice((rng.choice(OTHERWISE[language]), words.take("questions").rstrip("?")))
                script.events.append(Event("section", text=text))
                talk(rng.randint(1, 2))
        script.events.append(Event("leave"))

    talk(rng.randint(2, 7))
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        if rng.random() < 0.25:
            script.events.append(Event("divider", text=words.take("states")))
        frame(1)
        talk(rng.randint(0, 3))
    return script


def mermaid_source(script: Script, rng: random.Random) -> str:
    """The script in Mermaid's notation."""
    out = ["sequenceDiagram"]
    if rng.random() < 0.25:
        out.append("    autonumber")
    for i, (shape, label) in enumerate(script.people):
        if shape in ICONS:
            out.append(f'    participant p{i}@{{ "type": "{shape}" }} as {label}')
        else:
            out.append(f"    {shape} p{i} as {label}")
    words: list[str] = []
    for event in script.events:
        ends = [f"p{k}" for k in event.ends]
        if event.what == "message":
            sign = "+" if event.activate else "-" if event.deactivate else ""
            out.append(f"    {ends[0]}{'-->>' if event.dashed else '->>'}{sign}{ends[1]}: {event.text}")
        elif event.what == "note":
            where, _, text = event.text.partition("|")
            out.append(f"    Note {where} {ends[0]}: {text}")
        elif event.what == "enter":
            words.append(event.text.split()[0])
            out.append(f"    {event.text}")
        elif event.what == "section":
            out.append(f"    {'and' if words[-1] == 'par' else 'else'} {event.text}")
        elif event.what == "leave":
            words.pop()
            out.append("    end")
    return "\n".join(out) + "\n"


def plantuml_source(script: Script, rng: random.Random) -> str:
    """The script in PlantUML's notation, in a random look."""
    out = ["@startuml", f"skinparam shadowing {rng.choice(('false', 'true'))}"]
    if rng.random() < 0.6:
        out.append(f'skinparam defaultFontName "{rng.choice(FONTS)}"')
    if rng.random() < 0.3:
        out.append("skinparam monochrome true")
    if rng.random() < 0.15:
        out.append("hide footbox")
    if rng.random() < 0.3:
        out.append(f"skinparam dpi {rng.choice((110, 130, 150))}")
    if rng.random() < 0.15:
        out += ["skinparam backgroundColor #202428", "skinparam sequence {"]
        out += ["ArrowColor #dddddd", "LifeLineBorderColor #aaaaaa", "ParticipantBackgroundColor #333a40"]
        out += ["ParticipantBorderColor #cccccc", "ParticipantFontColor #eeeeee", "ArrowFontColor #eeeeee"]
        out += ["ActorFontColor #eeeeee", "ActorBorderColor #cccccc", "GroupFontColor #222222"]
        out += ["GroupBorderColor #cccccc", "GroupHeaderFontColor #222222", "}"]
    if rng.random() < 0.25:
        out.append("autonumber")
    boxed = rng.random() < 0.15
    for i, (shape, label) in enumerate(script.people):
        if boxed and i == 1:
            out.append('box "Internal" #f4f4f4')
        out.append(f'{shape} "{label}" as p{i}')
    if boxed and len(script.people) > 1:
        out.append("end box")
    for event in script.events:
        ends = [f"p{k}" for k in event.ends]
        if event.what == "message":
            out.append(f"{ends[0]} {'-->' if event.dashed else '->'} {ends[1]} : {event.text}")
            if event.activate:
                out.append(f"activate {ends[1]}")
            if event.deactivate:
                out.append(f"deactivate {ends[0]}")
        elif event.what == "note":
            where, _, text = event.text.partition("|")
            out.append(f"note {where} {ends[0]} : {text}")
        elif event.what == "divider":
            out.append(f"== {event.text} ==")
        elif event.what == "section":
            out.append(f"else {event.text}")
        else:
            out.append("end" if event.what == "leave" else event.text)
    return "\n".join([*out, "@enduml"]) + "\n"
