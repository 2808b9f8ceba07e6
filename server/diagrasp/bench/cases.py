"""The folder of a benchmark: pictures whose true diagrams are known, and perhaps a table of what they are."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diagrasp.bench.truths import Truths
from diagrasp.errors import DiagraspError, InputError
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


def load_cases(
    folder: Path,
    truths: Truths,
    only: Sequence[tuple[str, str]] = (),
    complain: Callable[[Path, str], None] = lambda picture, reason: None,
) -> list[Case]:
    """Every picture of a folder whose truth is known, by name; of two with one name, the first.

    Args:
        only: (column, values separated by `|`): pictures are left out whose column has another value.
        complain: told of each picture that is left out because what it was drawn from cannot be read.

    Raises:
        InputError: no such folder, nothing in it, a truth's JSON or an index that cannot be read, or no such column.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder" if folder.exists() else f"{folder}: no such folder")
    index = _index(folder / INDEX)
    cases: dict[str, Case] = {}
    known: set[str] = set()
    for picture in sorted(folder.iterdir()):
        if picture.suffix.lower() not in SUFFIXES or picture.stem in cases:
            continue
        try:
            truth = truths.of(picture)
        except DiagraspError as error:
            if picture.with_suffix(".json").is_file():
                raise
            complain(picture, f"left out: {error}")
            continue
        if truth is None:
            continue
        columns = _told(picture.stem, truth) | index.get(picture.stem, {})
        known |= columns.keys()
        if all(columns.get(column) in values.split("|") for column, values in only):
            cases[picture.stem] = Case(picture.stem, picture, truth, columns)
    for column, values in only:
        if known and column not in known:
            raise InputError(f"--only {column}={values}: no such column; there are {', '.join(sorted(known))}")
    if not cases:
        wanted = f" with {', '.join(f'{c}={v}' for c, v in only)}" if only and known else ""
        raise InputError(
            f"{folder} holds no picture whose truth is known, as NAME.png by a NAME.json beside it{wanted}"
        )
    return list(cases.values())


def _told(name: str, truth: Diagram) -> dict[str, str]:
    """The columns of a picture that no index speaks of."""
    labels = [n.label for n in truth.nodes] + [e.label for e in truth.edges] + [g.label for g in truth.groups]
    text = "".join(labels)
    cyrillic = sum("а" <= letter <= "я" or letter == "ё" for letter in text.lower())
    russian = 2 * cyrillic > sum(letter.isalpha() for letter in text)
    return {"id": name, "kind": truth.kind, "bucket": truth.kind, "language": "ru" if russian else "en"}


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
