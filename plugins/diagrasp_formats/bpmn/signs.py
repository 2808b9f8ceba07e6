"""What an element says by its name and signs: label, markers, trigger."""

from __future__ import annotations

from collections.abc import Mapping

from diagrasp.model import Marker, Trigger
from diagrasp.xmltree import Tag
from diagrasp_formats._html import html_text, squeeze
from diagrasp_formats.bpmn.names import DATA, SUBPROCESSES, TRIGGERS, local

_YES = ("true", "1")
_NO = ("false", "0")


class Signs:
    """Reads labels and signs of one file.

    Args:
        root: the file's root.
        expanded: what the page shown says of subprocesses, by id.
    """

    def __init__(self, root: Tag, expanded: Mapping[str, bool]) -> None:
        self.expanded = expanded
        self.named: dict[str, str] = {}
        """Names that others refer to: of data objects and stores, messages, values of categories."""
        self.definitions: dict[str, str] = {}
        self.collections: set[str] = set()
        self.referred: set[str] = set()
        """Data objects that references stand for."""
        for tag in root.walk():
            if tag.name in ("dataObject", "dataStore", "dataState", "message"):
                self.named[tag.get("id")] = squeeze(tag.get("name"))
                if tag.get("isCollection") in _YES:
                    self.collections.add(tag.get("id"))
            elif tag.name == "dataObjectReference":
                self.referred.add(local(tag.get("dataObjectRef")))
            elif tag.name == "category":
                for value in tag.all("categoryValue"):
                    self.named[value.get("id")] = squeeze(value.get("value"))
            elif tag.name in TRIGGERS:
                self.definitions[tag.get("id")] = tag.name

    def label(self, tag: Tag) -> str:
        """The label of a node."""
        if tag.name == "textAnnotation":
            text = tag.find("text")
            words = text.full_text() if text is not None else tag.get("text")
            return html_text(words) if "html" in tag.get("textFormat") else squeeze(words)
        label = squeeze(tag.get("name"))
        if not label and tag.name in DATA:
            label = self.named.get(local(tag.get("dataObjectRef") or tag.get("dataStoreRef")), "")
        state = tag.find("dataState")
        if state is not None and state.get("name"):
            label = f"{label} [{squeeze(state.get('name')).strip('[]')}]"
        return label

    def markers(self, tag: Tag) -> tuple[Marker, ...]:
        found: list[Marker] = []
        if tag.find("standardLoopCharacteristics") is not None:
            found.append("loop")
        several = tag.find("multiInstanceLoopCharacteristics")
        if several is not None:
            found.append("sequential" if several.get("isSequential") in _YES else "parallel")
        if tag.get("isForCompensation") in _YES:
            found.append("compensation")
        if tag.name == "adHocSubProcess":
            found.append("adhoc")
        if tag.name in SUBPROCESSES and self.expanded.get(tag.get("id")) is False:
            found.append("collapsed")
        if tag.name == "intermediateThrowEvent":
            found.append("throwing")
        if tag.get("cancelActivity") in _NO or tag.get("isInterrupting") in _NO:
            found.append("non_interrupting")
        if tag.name in DATA and (
            tag.get("isCollection") in _YES or local(tag.get("dataObjectRef")) in self.collections
        ):
            found.append("parallel")
        return tuple(found)

    def trigger(self, tag: Tag) -> Trigger | None:
        kinds = [c.name for c in tag.children if c.name in TRIGGERS]
        kinds += [self.definitions.get(local(c.text), "") for c in tag.all("eventDefinitionRef")]
        kinds = [kind for kind in kinds if kind in TRIGGERS]
        if len(kinds) > 1:
            return "parallel_multiple" if tag.get("parallelMultiple") in _YES else "multiple"
        return TRIGGERS[kinds[0]] if kinds else None

    def lost(self, tag: Tag) -> list[tuple[str, str]]:
        """Signs that the model has no word for: the feature and what becomes of it."""
        found = []
        if tag.name == "transaction":
            found.append(("transaction", "is a transaction, read as a subprocess"))
        if tag.get("triggeredByEvent") in _YES:
            found.append(("subprocess.event", "is an event subprocess, read as a subprocess"))
        if tag.name in ("eventBasedGateway", "receiveTask") and tag.get("instantiate") in _YES:
            found.append(("marker", "loses the sign that it starts the process"))
        if tag.get("eventGatewayType").lower() == "parallel":
            found.append(("marker", "loses the sign that it waits for all its events"))
        if tag.name in ("dataInput", "dataOutput"):
            found.append(("marker", f"loses the arrow that marks a data {tag.name.removeprefix('data').lower()}"))
        if tag.name == "participant" and tag.find("participantMultiplicity") is not None:
            found.append(("marker", "loses the marker of several participants"))
        return found


def title_of(name: str) -> str | None:
    """The name of a page, unless it is one that tools give on their own."""
    name = squeeze(name)
    plain = name.lower().replace("_", " ").replace("-", " ")
    words = plain.rstrip("0123456789 .").split()
    return name if name and words not in ([], ["page"], ["diagram"], ["bpmndiagram"], ["страница"]) else None
