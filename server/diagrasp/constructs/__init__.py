"""What a format makes of each construct, found by trying: written, read back, compared with what the losses say."""

from __future__ import annotations

from dataclasses import dataclass

from diagrasp.constructs.changes import Change, changes, silent
from diagrasp.constructs.probes import Construct, constructs
from diagrasp.errors import ParseError
from diagrasp.formats import Format, Loss, Reader, Writer

__all__ = ["Change", "Construct", "Verdict", "changes", "constructs", "row", "silent", "verdict"]


_NAMED = frozenset({"kind", "shape", "line", "head", "tail", "edge.kind", "group.kind"})
"""Features whose value after says what became of the construct."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one construct in one format.

    Attributes:
        word: `exact`; `as NAME` where it comes back as another; `lossy`; `no`; `written` where the format is only
            written and loses nothing of it.
        changes: all that changed in the probe, about the construct or not; empty where the format is only written.
        losses: what was reported on writing and on reading.
        silent: the changes that no loss names; a format of quality has none.
    """

    construct: Construct
    word: str
    changes: tuple[Change, ...]
    losses: tuple[Loss, ...]
    silent: tuple[Change, ...]


def row(format: Format) -> list[Verdict]:
    """What a format that writes makes of every construct, in the order of `constructs()`."""
    return [verdict(format, each) for each in constructs()]


def verdict(format: Format, construct: Construct) -> Verdict:
    """Try one.  Raises TypeError: the format does not write; else what its parts raise."""
    if not isinstance(format, Writer):
        raise TypeError(f"{format.spec.id} does not write")
    written = format.write(construct.diagram)
    if not isinstance(format, Reader):
        lost = _about(construct, written.losses)
        word = "written" if not lost else "lossy" if all(_stood_in(loss) for loss in lost) else "no"
        return Verdict(construct, word, (), written.losses, ())
    try:
        read = format.read(written.data)
    except ParseError as error:
        refused = (Change("refused", "", None, str(error)),)
        return Verdict(construct, "no", refused, written.losses, tuple(silent(refused, written.losses)))
    found = changes(construct.diagram, read.diagram)
    losses = (*written.losses, *read.losses)
    return Verdict(construct, _word(construct, found), tuple(found), losses, tuple(silent(found, losses)))


def _about(construct: Construct, losses: tuple[Loss, ...]) -> list[Loss]:
    """The losses about the construct: those that would name a change of a feature in its focus."""
    tried = [Change(feature, element, "x") for feature in construct.focus[:1] for element in _elements(construct)]
    return [
        loss
        for loss in losses
        if construct.focus[0] == "kind" or not loss.feature.startswith("kind")
        if any(loss.element in (change.element, "") and not silent([change], [loss]) for change in tried)
    ]


def _stood_in(loss: Loss) -> bool:
    """Whether something else was written for what is lost."""
    kind = loss.feature.split(".")[0] in ("shape", "head", "tail", "line", "kind") or loss.feature == "group.pool"
    return kind and "left out" not in loss.message


def _elements(construct: Construct) -> list[str]:
    diagram = construct.diagram
    ids = {item.id for items in (diagram.nodes, diagram.edges, diagram.groups) for item in items}
    return [id for id in ("x", "y", "m") if id in ids] + [""]


def _word(construct: Construct, found: list[Change]) -> str:
    elements = _elements(construct)
    special = [c for c in found if c.feature in construct.focus and (c.element in elements or not _named(construct))]
    if not special:
        return "exact"
    gone = ("node", "edge", "group.gone")
    if any(change.feature in gone or not change.after for change in special):
        return "no"
    first = special[0]
    if first.feature == "tail" and first.after == "none":
        return "no"
    return f"as {first.after}" if len(special) == 1 and first.feature in _NAMED else "lossy"


def _named(construct: Construct) -> bool:
    return len(_elements(construct)) > 1
