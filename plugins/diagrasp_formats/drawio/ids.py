"""Ids of cells, where a diagram's own would break the readers of other programs."""

from __future__ import annotations

_MARK = "diagrasp:"
_TAKEN = frozenset(
    {
        "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__", "at", "concat",
        "constructor", "copyWithin", "entries", "every", "fill", "filter", "find", "findIndex", "findLast",
        "findLastIndex", "flat", "flatMap", "forEach", "hasOwnProperty", "includes", "indexOf", "isPrototypeOf", "join",
        "keys", "lastIndexOf", "length", "map", "pop", "propertyIsEnumerable", "push", "reduce", "reduceRight",
        "reverse", "shift", "slice", "some", "sort", "splice", "toLocaleString", "toReversed", "toSorted", "toSpliced",
        "toString", "unshift", "valueOf", "values", "with",
    }
)  # fmt: skip
"""What every JavaScript array has: mxGraph's codec looks cells up in one by their ids, and fails on these."""


def cell_id(id: str) -> str:
    """The id of a cell in the file."""
    return _MARK + id if id in _TAKEN or id.startswith(_MARK) else id


def plain_id(id: str) -> str:
    """What was written as that cell."""
    return id.removeprefix(_MARK)
