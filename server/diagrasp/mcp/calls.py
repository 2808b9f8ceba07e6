"""The two jobs as the network doors offer them: a reference in, a checked result out, every call counted.

MCP tools and REST endpoints both come through here, so limits, errors and figures are the same at either door.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from diagrasp.errors import DiagraspError, ForbiddenError, InputError, ParseError
from diagrasp.mcp.fetching import Fetcher
from diagrasp.mcp.inputs import Input, Inputs
from diagrasp.mcp.paths import Roots, default_roots
from diagrasp.mcp.uploads import SCHEME, Uploads

if TYPE_CHECKING:
    from diagrasp.engines import Progress, Said
    from diagrasp.images import Picture
    from diagrasp.service import ConversionResult, RecognitionResult, Service
    from diagrasp.settings import Settings

DIAGRAM = "diagram://"
LANGUAGES = ("ru", "en")
_LONGEST_PATH = 1024
_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Call:
    """What is counted of a call.

    Attributes:
        door: `mcp` or `rest`.
        status: `ok`, or the code of the error.
        engine: what read the picture; empty where nothing did.
        seconds: from the request to the answer, fetching and waiting included.
    """

    door: str
    operation: Literal["recognize", "convert"]
    status: str
    engine: str
    cached: bool
    seconds: float


Observer = Callable[[Call], None]


class Calls:
    """Recognition and conversion of what a reference names.

    Args:
        service: does the work.
        inputs: what references may name.
        door: counted with each call.
        observe: is told of each call when it ends.
    """

    def __init__(self, service: Service, inputs: Inputs, *, door: str, observe: Observer | None = None) -> None:
        self.service, self.inputs, self.door, self._observe = service, inputs, door, observe
        self._origins: OrderedDict[str, tuple[str, int | None]] = OrderedDict()

    def origin(self, id: str) -> tuple[str, int | None] | None:
        """The reference and page that a diagram was recently recognised by; None where it came as bytes."""
        return self._origins.get(id)

    async def recognize(
        self,
        image: str | Input,
        *,
        format: str = "mermaid",
        engine: str = "auto",
        language: str | None = None,
        page: int | None = None,
        use_cache: bool = True,
        progress: Progress | None = None,
        said: Said | None = None,
    ) -> RecognitionResult:
        """Read a picture, given as a reference or as bytes.

        Args:
            said: what the caller's own model said of it, for the engine `client`.

        Raises:
            DiagraspError: as `Inputs.read` and `Service.recognize` do.
        """
        async with self._counted("recognize") as done:
            self.service.formats.writer(format)  # an unknown format is said before the work, not after
            engines = ["auto", *self.service.engines.ids]
            if (engine := engine or "auto") not in engines:
                raise InputError(f"no engine {engine[:60]!r}; there are {', '.join(engines)}")
            languages = reading_languages(language)
            given = image if isinstance(image, Input) else await self.inputs.read(image)
            result = await self.service.recognize(
                given.data,
                filename=given.name,
                format=format,
                engine=None if engine == "auto" else engine,
                languages=languages,
                page=page,
                use_cache=use_cache,
                progress=progress,
                door=self.door,
                said=said,
            )
            done(result.engine, result.cached)
            if isinstance(image, str) and image[:5].lower() != "data:":
                self._origins[result.id] = (image, page)
                self._origins.move_to_end(result.id)
                if len(self._origins) > _REMEMBERED:
                    self._origins.popitem(last=False)
            return result

    async def picture(
        self, image: str, *, engine: str, language: str | None, page: int | None, use_cache: bool
    ) -> Picture | None:
        """What a reference names, decoded; None where that engine's answer is cached.  Raises as `recognize`."""
        given = await self.inputs.read(image)
        return await self.service.unknown(
            given.data,
            engine=engine,
            filename=given.name,
            languages=reading_languages(language),
            page=page,
            use_cache=use_cache,
        )

    async def convert(
        self, source: str | Input, to_format: str, *, from_format: str | None = "auto", page: int | None = None
    ) -> ConversionResult:
        """Convert a source, given as text, as `diagram://id`, as a reference to a file, or as bytes.

        Raises:
            DiagraspError: as `Inputs.read` and `Service.convert` do.
        """
        async with self._counted("convert"):
            reader = None if from_format in (None, "", "auto") else from_format
            if isinstance(source, str) and source.startswith(DIAGRAM):
                diagram = await self.service.diagram(source.removeprefix(DIAGRAM).partition("/")[0].strip())
                return await self.service.convert(
                    diagram.to_json().encode(), to_format, from_format="json", door=self.door
                )
            given = source if isinstance(source, Input) else await self._source(source)
            try:
                return await self.service.convert(
                    given.data,
                    to_format,
                    from_format=reader,
                    filename=given.name or None,
                    page=page,
                    door=self.door,
                )
            except ParseError as error:
                if given.path is None:
                    raise
                # A parser's own words may quote the file, which need not be a diagram at all.
                raise ParseError(
                    f"{given.name} does not read as a diagram",
                    line=error.line,
                    column=error.column,
                    expected=error.expected,
                ) from None

    async def _source(self, source: str) -> Input:
        """Text as it is; a file where the text names one."""
        head = source.lstrip()[:12].lower()
        if not head:
            raise InputError("the source is empty; give the text of a diagram, a diagram:// URI or a path")
        if head.startswith(("data:", SCHEME)):
            return await self.inputs.read(source.strip())
        text = source.strip()
        one_line = len(text) <= _LONGEST_PATH and "\n" not in text and "\r" not in text
        if not one_line or not (head.startswith(("file:", "https://", "http://")) or self._names_a_file(text)):
            data = source.encode("utf-8", "surrogatepass")
            if len(data) > self.inputs.max_bytes:
                raise InputError(f"the source exceeds {self.inputs.max_bytes} bytes (DIAGRASP_MAX_BYTES)")
            return Input(data)
        if not head.startswith("http"):
            real = self.inputs.roots.locate(text)
            if real.suffix.lower() not in self._suffixes() or self.inputs.roots.is_hidden(real):
                raise ForbiddenError(f"{text[:200]}: only files with a diagram format's suffix are read as sources")
        return await self.inputs.read(text)

    def _names_a_file(self, text: str) -> bool:
        """Whether one line of text is a path rather than a diagram: it ends in the suffix of a format."""
        return PurePath(text).suffix.lower() in self._suffixes()

    def _suffixes(self) -> set[str]:
        return {suffix.lower() for found in self.service.formats for suffix in found.spec.suffixes}

    @asynccontextmanager
    async def _counted(self, operation: Literal["recognize", "convert"]) -> AsyncIterator[Callable[[str, bool], None]]:
        start, status, engine, cached = time.perf_counter(), "cancelled", "", False

        def done(by: str, from_cache: bool) -> None:
            nonlocal engine, cached
            engine, cached = by, from_cache

        try:
            yield done
            status = "ok"
        except DiagraspError as error:
            status = error.code
            raise
        except Exception:
            status = "internal"
            raise
        finally:
            if self._observe is not None:
                seconds = time.perf_counter() - start
                self._observe(Call(self.door, operation, status, engine, cached, seconds))


def inputs_for(settings: Settings, *, local: bool) -> Inputs:
    """What callers may name.

    Args:
        settings: `roots`, `max_bytes`, `allow_urls` and the place of `db`, beside which uploads lie.
        local: whether the caller is the user of this very machine (stdio), who may read working directory and home;
            over the network only what `roots` says.
    """
    folders = settings.roots if settings.roots is not None else default_roots() if local else ()
    return Inputs(
        roots=Roots.of(folders),
        max_bytes=settings.max_bytes,
        fetcher=Fetcher(settings.max_bytes, timeout=min(20.0, settings.timeout)) if settings.allow_urls else None,
        uploads=None
        if local
        else Uploads(settings.db.with_name(f"{settings.db.name}-uploads"), max_total=8 * settings.max_bytes),
    )


def reading_languages(language: str | None) -> tuple[str, ...] | None:
    """Languages of the labels, the caller's first; the others stay in the running, since labels mix.

    Raises:
        InputError: not a list of ISO 639 codes.
    """
    if language is None or not language.strip():
        return None
    named = [code for code in re.split(r"[,;+\s]+", language.strip().lower()) if code]
    if wrong := next((code for code in named if not re.fullmatch(r"[a-z]{2,3}", code)), None):
        raise InputError(f"{wrong[:40]!r} is no language code; write ru, en or ru,en")
    return tuple(dict.fromkeys([*named, *LANGUAGES]))
