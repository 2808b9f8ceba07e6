"""What a format is, the registry over the entry points `diagrasp.formats`, and `convert`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePath
from typing import Any, Protocol, runtime_checkable

from diagrasp.errors import ParseError, PluginError, UnsupportedFormat
from diagrasp.model import Diagram

GROUP = "diagrasp.formats"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that one side cannot express.

    Attributes:
        feature: what was lost, a short stable name such as `group`, `edge.label`, `shape`.
        element: the id of the node, edge or group it befell; empty for the diagram as a whole.
        message: one line for people, naming the element by its label.
    """

    feature: str
    element: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader made of its input; `pages` is the number of diagrams there were to choose from."""

    diagram: Diagram
    losses: tuple[Loss, ...] = ()
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer made: UTF-8 text or bytes in the format's media type."""

    data: bytes
    losses: tuple[Loss, ...] = ()

    @property
    def text(self) -> str:
        return self.data.decode("utf-8")


@dataclass(frozen=True, slots=True)
class FormatSpec:
    """What a format is called and what it can carry.

    Attributes:
        id: the word users type, e.g. `mermaid`.
        suffixes: with the dot, the first is what files written get.
        kinds: the kinds of diagram it can carry.
        features: names of what it can express (`group`, `edge.label`, `box`, `role`, ...), for the report of losses.
        binary: whether what it writes is no text.
        options: names of the writer's options with a line on each.
    """

    id: str
    title: str
    media_type: str
    suffixes: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    version: str = "1"
    binary: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Format(Protocol):
    """What an entry point of the group `diagrasp.formats` resolves to; it has the parts of Reader, Writer or both."""

    spec: FormatSpec


@runtime_checkable
class Reader(Protocol):
    spec: FormatSpec

    def sniff(self, data: bytes) -> float:
        """How much the data looks like this format, 0 to 1; cheap, and never raises."""

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        """Make a diagram.  `page` counts from 1, None is the first.  Raises ParseError, NotFoundError: no such page."""


@runtime_checkable
class Writer(Protocol):
    spec: FormatSpec

    def write(self, diagram: Diagram, **options: Any) -> Written:
        """Write the diagram; the same one gives the same bytes.  Raises InputError on an option it does not know."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that could not be loaded, and why."""

    name: str
    origin: str
    reason: str


class FormatRegistry:
    """The formats installed here, loaded when first asked for.

    Args:
        external: whether plugins of other distributions count.
        points: entry points to use in place of the installed ones.

    Raises:
        PluginError: two distributions claim one id; the message names both.
    """

    def __init__(self, *, external: bool = True, points: Iterable[EntryPoint] | None = None) -> None:
        self._points: dict[str, EntryPoint] = {}
        self._loaded: dict[str, Format] = {}
        self._broken: dict[str, Broken] = {}
        for point in entry_points(group=GROUP) if points is None else points:
            if not external and origin(point) != "diagrasp":
                continue
            if (other := self._points.get(point.name)) is not None and other.value != point.value:
                raise PluginError(
                    f"two plugins provide the format {point.name!r}: {origin(other)} ({other.value}) and "
                    f"{origin(point)} ({point.value}); uninstall one of them"
                )
            self._points[point.name] = point

    @property
    def ids(self) -> list[str]:
        return sorted(self._points)

    @property
    def broken(self) -> list[Broken]:
        """The plugins that failed to load so far."""
        return list(self._broken.values())

    def origin(self, id: str) -> str:
        """The distribution that a format comes from."""
        return origin(self._points[id])

    def __iter__(self) -> Iterator[Format]:
        """Every format that loads, in order of id; the others are then in `broken`."""
        for id in self.ids:
            if (found := self._load(id)) is not None:
                yield found

    def get(self, name: str) -> Format:
        """The format of that id, alias or suffix.  Raises UnsupportedFormat, PluginError (it is there but broken)."""
        name = name.strip().lower()
        if name in self._points:
            found = self._load(name)
            if found is None:
                raise PluginError(f"the format {name!r} cannot be loaded: {self._broken[name].reason}")
            return found
        for candidate in self:
            spec = candidate.spec
            if name in spec.aliases or name in spec.suffixes or f".{name}" in spec.suffixes:
                return candidate
        raise UnsupportedFormat(f"no format {name!r}; there are {', '.join(self.ids)}")

    def reader(self, name: str) -> Reader:
        """Raises UnsupportedFormat where the format is unknown or is only written."""
        found = self.get(name)
        if not isinstance(found, Reader):
            able = ", ".join(f.spec.id for f in self if isinstance(f, Reader))
            raise UnsupportedFormat(f"{found.spec.id} can be written but not read; readable are {able}")
        return found

    def writer(self, name: str) -> Writer:
        """Raises UnsupportedFormat where the format is unknown or is only read."""
        found = self.get(name)
        if not isinstance(found, Writer):
            able = ", ".join(f.spec.id for f in self if isinstance(f, Writer))
            raise UnsupportedFormat(f"{found.spec.id} can be read but not written; writable are {able}")
        return found

    def detect(self, data: bytes, *, filename: str | None = None) -> Reader:
        """The reader whose format the data looks like most; the file's suffix decides between equals.

        Raises:
            UnsupportedFormat: it looks like none.
        """
        suffix = PurePath(filename).suffix.lower() if filename else ""
        ranked: list[tuple[float, str, Reader]] = []
        for candidate in self:
            if isinstance(candidate, Reader):
                score = candidate.sniff(data) + (0.5 if suffix and suffix in candidate.spec.suffixes else 0.0)
                ranked.append((score, candidate.spec.id, candidate))
        best = max(ranked, key=lambda item: item[0], default=None)
        if best is None or best[0] <= 0:
            known = ", ".join(id for _, id, _ in ranked)
            raise UnsupportedFormat(f"cannot tell the format of the input; name one of {known}")
        return best[2]

    def _load(self, id: str) -> Format | None:
        if id in self._loaded:
            return self._loaded[id]
        if id in self._broken:
            return None
        point = self._points[id]
        try:
            found = point.load()
            if isinstance(found, type):
                found = found()
            if not isinstance(found, Format) or found.spec.id != id:
                raise PluginError(f"{point.value} is no format with the id {id!r}")
        except Exception as error:  # a broken plugin must not stop the rest
            self._broken[id] = Broken(id, origin(point), f"{type(error).__name__}: {error}")
            return None
        return self._loaded.setdefault(id, found)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion's outcome: the data written, the diagram between, and everything lost on either side."""

    written: Written
    diagram: Diagram
    source: FormatSpec
    target: FormatSpec
    losses: tuple[Loss, ...]
    pages: int = 1


def convert(
    registry: FormatRegistry,
    data: bytes,
    to_format: str,
    *,
    from_format: str | None = None,
    filename: str | None = None,
    page: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Conversion:
    """Read data in one format and write it in another.

    Raises:
        UnsupportedFormat, ParseError, NotFoundError, InputError.
    """
    writer = registry.writer(to_format)
    reader = registry.reader(from_format) if from_format else registry.detect(data, filename=filename)
    read = reader.read(data, page=page)
    written = writer.write(read.diagram, **(options or {}))
    return Conversion(
        written, read.diagram, reader.spec, writer.spec, (*read.losses, *written.losses), pages=read.pages
    )


def decode_text(data: bytes) -> str:
    """UTF-8 (with or without a mark) or UTF-16 with a mark, line ends made `\\n`.  Raises ParseError."""
    try:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ParseError(f"the text is not UTF-8 (byte {error.start})") from None


def origin(point: EntryPoint) -> str:
    """The name of the distribution that an entry point belongs to."""
    return point.dist.name if point.dist is not None else "?"
