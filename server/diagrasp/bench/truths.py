"""What a picture of a benchmark truly shows: its diagram JSON, the source it was drawn from, or what it carries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from diagrasp.engines.source import SourceEngine
from diagrasp.errors import InputError, NotFoundError
from diagrasp.formats import FormatRegistry, Reader
from diagrasp.images import SUFFIXES, load_picture
from diagrasp.model import Diagram
from diagrasp.settings import Settings


class Truths:
    """Finds the truth of a picture, in this order: NAME.json, NAME.mmd or another source that a format reads, and what
    the picture's file carries (draw.io and others embed the source in the PNG files that they export).

    Args:
        settings: whether formats of other distributions are asked too, and the largest picture that is looked into.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or Settings()
        formats = FormatRegistry(external=settings.plugins)
        self._source = SourceEngine(formats)
        self._limits = {"max_bytes": settings.max_bytes, "max_pixels": settings.max_pixels}
        self._readers: dict[str, Reader] = {}
        for each in formats:
            if isinstance(each, Reader):
                for suffix in each.spec.suffixes:
                    if suffix not in (*SUFFIXES, ".json"):
                        self._readers.setdefault(suffix, each)

    def of(self, picture: Path) -> Diagram | None:
        """The truth of a picture; None where nothing tells it.

        Raises:
            InputError: its JSON cannot be read.
            DiagraspError: its source cannot.
        """
        exact = picture.with_suffix(".json")
        if exact.is_file():
            return _exact(exact)
        for path, reader in self._beside(picture):
            data = _bytes(path)
            if reader.sniff(data) > 0:
                return reader.read(data).diagram
        return self._carried(picture)

    def _beside(self, picture: Path) -> Iterator[tuple[Path, Reader]]:
        """Files named as the picture but for the suffix: flow.mmd for flow.png, and flow.drawio for flow.drawio.png."""
        for suffix, reader in self._readers.items():
            for path in (picture.with_suffix(suffix), picture.with_suffix("")):
                if path.name.lower().endswith(suffix) and path.is_file():
                    yield path, reader

    def _carried(self, picture: Path) -> Diagram | None:
        try:
            loaded = load_picture(_bytes(picture), name=picture.name, **self._limits)
            return self._source.read(loaded, lambda share, what: None).diagram
        except NotFoundError:
            return None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def _exact(path: Path) -> Diagram:
    try:
        return Diagram.from_json(_bytes(path))
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is no diagram JSON: {reason}") from None
