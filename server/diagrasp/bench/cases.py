"""The folder of a benchmark: pictures, each with its true diagram beside it, and perhaps a table of what they are."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diagrasp.errors import InputError
from diagrasp.images import SUFFIXES
from diagrasp.model import Diagram

INDEX = "INDEX.tsv"


@dataclass(frozen=True, slots=True)
class Case:
    """A picture and its truth.

    Attributes:
        name: the file's stem.
        columns: the picture's row in the index; without one, `bucket` and `language` are told by the truth.
    """

    name: str
    picture: Path
    truth: Diagram
    columns: Mapping[str, str]


def load_cases(folder: Path, only: Sequence[tuple[str, str]] = ()) -> list[Case]:
    """Every NAME.json of a folder that has a picture NAME beside it, by name.

    Args:
        only: (column, values separated by `|`): pictures are left out whose column has another value.

    Raises:
        InputError: no such folder, nothing in it, a truth or index that cannot be read, or no such column.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder" if folder.exists() else f"{folder}: no such folder")
    index = _index(folder / INDEX)
    pictures: dict[str, Path] = {}
    for path in sorted(folder.iterdir(), reverse=True):  # of two pictures with one name, the first
        if path.suffix.lower() in SUFFIXES:
            pictures[path.stem] = path
    cases = []
    known: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        if path.stem not in pictures:
            continue
        truth = _truth(path)
        columns = _told(path.stem, truth) | index.get(path.stem, {})
        known |= columns.keys()
        if all(columns.get(column) in values.split("|") for column, values in only):
            cases.append(Case(path.stem, pictures[path.stem], truth, columns))
    for column, values in only:
        if known and column not in known:
            raise InputError(f"--only {column}={values}: no such column; there are {', '.join(sorted(known))}")
    if not cases:
        wanted = f" with {', '.join(f'{c}={v}' for c, v in only)}" if only and known else ""
        raise InputError(f"{folder} holds no picture NAME.png with its truth NAME.json beside it{wanted}")
    return cases


def _told(name: str, truth: Diagram) -> dict[str, str]:
    """The columns of a picture that no index speaks of."""
    labels = [n.label for n in truth.nodes] + [e.label for e in truth.edges] + [g.label for g in truth.groups]
    text = "".join(labels)
    cyrillic = sum("а" <= letter <= "я" or letter == "ё" for letter in text.lower())
    russian = 2 * cyrillic > sum(letter.isalpha() for letter in text)
    return {"id": name, "kind": truth.kind, "bucket": truth.kind, "language": "ru" if russian else "en"}


def _truth(path: Path) -> Diagram:
    try:
        return Diagram.from_json(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is no diagram JSON: {reason}") from None


def _index(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, delimiter="\t")
            if "id" not in (table.fieldnames or ()):
                raise InputError(f"{path} has no column id (columns are separated by tabs)")
            return {row["id"]: {k: v or "" for k, v in row.items() if k is not None} for row in table}
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
