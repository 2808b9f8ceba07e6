"""What Visio's masters stand for, by their names in English and Russian, and by BPMN's shape data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from diagrasp.model import Head, Marker, Shape, Trigger

_SHAPES: tuple[tuple[str, Shape], ...] = (
    (r"start event|начальное событие", "start_event"), (r"end event|конечное событие", "end_event"),
    (r"intermediate event|промежуточное событие", "intermediate_event"), (r"parallel gateway", "parallel_gateway"),
    (r"inclusive gateway", "inclusive_gateway"), (r"event.* gateway", "event_gateway"),
    (r"complex gateway", "complex_gateway"), (r"gateway|шлюз", "exclusive_gateway"),
    (r"data object|объект данных", "data_object"), (r"data store|хранилище данных", "data_store"),
    (r"text annotation|^annotation", "annotation"),
    (r"(collapsed|expanded)? ?sub-?process|predefined process|подпроцесс|типовой процесс", "subprocess"),
    (r"task|activity|задача", "task"), (r"decision|diamond|решение|ромб", "decision"),
    (r"start/end|terminator|terminal|начало.?конец", "terminal"), (r"document|документ", "document"),
    (r"external data|database|cylinder|\bcan\b|база данных|цилиндр", "database"),
    (r"^data\b|stored data|parallelogram|^данные|параллелограмм", "data"),
    (r"manual operation|trapezoid|ручная операция|трапеция", "manual_operation"),
    (r"manual input|ручной ввод", "manual_input"), (r"preparation|hexagon|подготовка|шестиугольник", "hexagon"),
    (r"delay|задержка", "delay"), (r"display|дисплей", "display"),
    (r"page reference|on-page|off-page|ссылка на|соединитель страниц", "connector"),
    (r"initial", "initial"), (r"final state|final node", "final"), (r"rounded rect|скругл", "rounded"),
    (r"state\b|состояние", "state"), (r"actor|^user$|^person|^пользователь|актер|действующее лицо", "actor"),
    (r"use case|вариант использования|прецедент", "usecase"), (r"^class|^interface|^класс|^интерфейс", "class"),
    (r"^entity|сущность", "entity"), (r"circle|круг", "circle"), (r"ellipse|oval|эллипс|овал", "ellipse"),
    (r"note|callout|comment|заметка|примечание|выноска", "note"),
)  # fmt: skip
_PLAIN = re.compile(r"process|rectangle|square|\bbox\b|\bstep\b|процесс|прямоугольник|квадрат|^sheet|^лист")
LANE = re.compile(r"swimlane(?! list)|\blane\b(?<!pool / lane)|дорожка")
POOL = re.compile(r"\bpool\b|cff container|cross.functional|функциональн")
SKIP = re.compile(r"separator|phase list|swimlane list|guide|разделитель|список (фаз|дорожек)")
ROW = re.compile(r"^member|^attribute|^primary key|^(column|столбец|атрибут|поле|элемент)\b")
EXPANDED = re.compile(r"expanded sub-?process|развернутый подпроцесс")
CONNECTOR = re.compile(r"connector(?!.*page)|sequence flow|message flow|^association|соединительная линия|поток")
HEADS: dict[str, Head] = {
    "0": "none", "1": "open_arrow", "3": "open_arrow", "7": "open_arrow", "19": "open_arrow", "10": "circle",
    "20": "circle", "41": "circle", "42": "circle", "14": "triangle", "15": "triangle", "16": "triangle",
    "22": "diamond", "24": "one", "25": "one", "26": "one", "27": "many", "28": "one_or_many", "29": "zero_or_many",
    "30": "zero_or_one",
}  # fmt: skip
ARROWS = frozenset({"2", "4", "5", "6", "8", "12", "13", "17", "18", "39", "40"})
"""Ends that are arrows without more; what is in neither list is read as one, with a loss."""
SLASHES = frozenset({"9", "23"})
"""Strokes across the line, which mark BPMN's default flow."""
_TASKS: dict[str, Shape] = {
    "service": "service_task", "receive": "receive_task", "send": "send_task", "user": "user_task",
    "script": "script_task", "manual": "manual_task", "business rule": "business_rule_task",
    "businessrule": "business_rule_task", "reference": "call_activity",
}  # fmt: skip
_GATES: tuple[tuple[str, Shape], ...] = (
    ("event", "event_gateway"), ("exclusive", "exclusive_gateway"), ("inclusive", "inclusive_gateway"),
    ("complex", "complex_gateway"), ("parallel", "parallel_gateway"),
)  # fmt: skip
_TRIGGERS: dict[str, Trigger] = {
    "message": "message", "timer": "timer", "error": "error", "cancel": "cancel", "compensation": "compensation",
    "conditional": "conditional", "rule": "conditional", "link": "link", "signal": "signal", "terminate": "terminate",
    "multiple": "multiple", "parallel multiple": "parallel_multiple", "escalation": "escalation",
}  # fmt: skip
_LOOPS: tuple[tuple[str, Marker], ...] = (("sequential", "sequential"), ("parallel", "parallel"), ("standard", "loop"))


def shape_of(name: str) -> tuple[Shape, bool]:
    """The shape that a master's name stands for, and whether it says so."""
    found = next((shape for pattern, shape in _SHAPES if re.search(pattern, name)), None)
    if found is not None:
        return found, True
    return "process", not name or bool(_PLAIN.search(name))


def bpmn_of(shape: Shape, name: str, props: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What BPMN's shape data makes of a shape: fields of the node, and what is lost of it."""
    data = {key.removeprefix("Bpmn"): value.strip().lower() for key, value in props.items() if key.startswith("Bpmn")}
    node: dict[str, Any] = {"shape": shape}
    lost: list[tuple[str, str]] = []
    markers: list[Marker] = []
    if shape == "task":
        node["shape"] = _TASKS.get(data.get("TaskType", ""), "task")
    elif shape.endswith("_gateway"):
        kind = data.get("GatewayType", "") + (" event" if data.get("ExclusiveType") == "event" else "")
        node["shape"] = next((gate for word, gate in _GATES if word in kind), shape)
        if "instantiate" in kind:
            lost.append(("marker", "loses the sign that it starts the process"))
    elif shape.endswith("_event"):
        kind = data.get("EventType", "")
        starts = "start_event" if "start" in kind else "end_event" if "end" in kind else None
        node["shape"] = starts or ("intermediate_event" if "intermediate" in kind else shape)
        node["trigger"] = _TRIGGERS.get(data.get("TriggerOrResult", ""))
        if "throw" in kind:
            markers.append("throwing")
        if "non-interrupting" in kind:
            markers.append("non_interrupting")
    if shape in ("task", "subprocess"):
        loop = f"{data.get('LoopType', '')} {data.get('Loop', '')}"
        markers += [marker for word, marker in _LOOPS if word in loop][:1]
        if data.get("IsForCompensation") in ("1", "true") or data.get("Compensation") in ("1", "true"):
            markers.append("compensation")
        if data.get("AdHoc") in ("1", "true"):
            markers.append("adhoc")
        boundary = data.get("BoundaryType", "")
        if boundary == "call":
            node["shape"] = "call_activity"
        elif boundary == "transaction":
            lost.append(("transaction", "is a transaction, read as a subprocess"))
        elif boundary == "event":
            lost.append(("subprocess.event", "is an event subprocess, read as a subprocess"))
    if "collapsed" in name:
        markers.append("collapsed")
    if shape == "data_object" and data.get("Collection") in ("1", "true"):
        markers.append("parallel")
    if markers:
        node["markers"] = tuple(markers)
    return node, lost
