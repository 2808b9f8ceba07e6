"""What an engine is, and the registry over the entry points `diagrasp.engines`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from diagrasp.errors import EngineUnavailable, PluginError
from diagrasp.model import Diagram

if TYPE_CHECKING:
    from diagrasp.images import Picture
    from diagrasp.settings import Settings

GROUP = "diagrasp.engines"

Progress = Callable[[float, str], None]
"""Called from any thread with the share done (0..1) and what is being done."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an engine does not work here, or works less well than it could.

    Attributes:
        message: what is wrong.
        remedy: what to do about it.
        fatal: whether the engine cannot work at all.
    """

    message: str
    remedy: str = ""
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """What a model that only the caller can reach said of the picture; whether it came to its end, and its name."""

    text: str
    complete: bool = True
    model: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asked for beside the picture.

    Attributes:
        languages: of the labels, ISO 639-1, most likely first.
        options: the engine's own.
        draft: what another engine made of the same picture, for an engine that can use one.
        said: what the caller's own model said, where it was asked.
    """

    languages: tuple[str, ...] = ("ru", "en")
    options: Mapping[str, Any] = field(default_factory=dict)
    draft: Diagram | None = None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Recognition:
    """What an engine made of a picture; `confidence` is the estimated share of the graph that is right, 0..1."""

    diagram: Diagram
    confidence: float
    warnings: tuple[str, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of an engine for a picture, None where it cannot say.

    An engine with a method `outlook(picture, draft) -> Outlook` is asked by `auto` only where it is worth it.

    Attributes:
        seconds: how long it will take.
        quality: the share of the graph that it usually gets right, 0..1.
    """

    seconds: float | None = None
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine is called.

    Attributes:
        id: the word users type, e.g. `embedded`.
        pixels_only: whether the outcome depends on the decoded pixels alone, not on the file's other bytes.
        options: names of the engine's options with a line on each; others are refused.
    """

    id: str
    title: str
    version: str = "1"
    pixels_only: bool = True
    description: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Engine(Protocol):
    """Reads pictures.  One instance serves many requests at a time."""

    spec: EngineSpec

    @property
    def revision(self) -> str:
        """What of the engine's own state an answer depends on (weights, adapter, prompt version): the cache's key."""

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        """Raises EngineError, EngineUnavailable.  Cancelling the task stops the work soon."""

    def check(self) -> list[Problem]:
        """What stands in the way, without loading weights."""

    async def aclose(self) -> None:
        """Let go of models and threads."""


EngineFactory = Callable[["Settings"], Engine]
"""What an entry point of the group `diagrasp.engines` resolves to."""


class EngineRegistry:
    """The engines installed here, built from the settings when first asked for.

    Raises:
        PluginError: two distributions claim one id.
    """

    def __init__(
        self, settings: Settings, *, external: bool = True, points: Iterable[EntryPoint] | None = None
    ) -> None:
        self._settings = settings
        self._points: dict[str, EntryPoint] = {}
        self._built: dict[str, Engine] = {}
        for point in entry_points(group=GROUP) if points is None else points:
            origin = point.dist.name if point.dist is not None else "?"
            if not external and origin != "diagrasp":
                continue
            if (other := self._points.get(point.name)) is not None and other.value != point.value:
                raise PluginError(f"two plugins provide the engine {point.name!r}: {other.value} and {point.value}")
            self._points[point.name] = point

    @property
    def ids(self) -> list[str]:
        return sorted(self._points)

    def __iter__(self) -> Iterator[Engine]:
        """Every engine that can be built."""
        for id in self.ids:
            try:
                yield self.get(id)
            except (EngineUnavailable, PluginError):
                continue

    def get(self, id: str) -> Engine:
        """The engine of that id.  Raises EngineUnavailable (unknown, or its packages are missing), PluginError."""
        if id in self._built:
            return self._built[id]
        if id not in self._points:
            raise EngineUnavailable(f"no engine {id!r}; there are auto, {', '.join(self.ids)}")
        try:
            engine = cast(EngineFactory, self._points[id].load())(self._settings)
        except EngineUnavailable:
            raise
        except Exception as error:  # a broken plugin must not stop the rest
            raise PluginError(f"the engine {id!r} cannot be built: {type(error).__name__}: {error}") from error
        if not isinstance(engine, Engine) or engine.spec.id != id:
            raise PluginError(f"{self._points[id].value} makes no engine with the id {id!r}")
        return self._built.setdefault(id, engine)

    def figures(self) -> dict[str, Mapping[str, float]]:
        """What those engines that count have done so far, by id; an engine that counts has a method `figures`."""
        counting = {id: getattr(engine, "figures", None) for id, engine in self._built.items()}
        return {id: figures() for id, figures in counting.items() if figures is not None}

    async def aclose(self) -> None:
        """Close every engine that was built."""
        for engine in self._built.values():
            await engine.aclose()
        self._built.clear()
