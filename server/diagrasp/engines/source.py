"""The engine `source`: the exact source that a picture's file carries, read by the format's own reader.

Of several pages the one is taken whose symbols lie where the picture has edges: each page's bounding box is laid on the
picture's ink, and the page with the largest share of its symbols' outlines found as steps of brightness wins.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagrasp.carriers import Carried, sources
from diagrasp.engines import EngineSpec, Problem, Progress, Recognition, Request
from diagrasp.errors import EngineError, InputError, NotFoundError, UnsupportedFormat
from diagrasp.formats import FormatRegistry, Read
from diagrasp.model import Box, Diagram

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diagrasp.images import Picture
    from diagrasp.settings import Settings

MAX_PAGES = 100
"""Pages of one source that are compared with the picture."""
_FITS = 0.35
"""Agreement under which a page is not the one in the picture."""
_SIDE = 1600
"""Pixels of the longer side at which pages are compared."""
_SAMPLES = 24
"""Points on each side of a symbol's outline."""


def create(settings: Settings) -> SourceEngine:
    return SourceEngine(FormatRegistry(external=settings.plugins))


class SourceEngine:
    """Answers at once and exactly where the file carries its source, and not at all elsewhere."""

    spec = EngineSpec(
        id="source",
        title="The source that the file carries",
        pixels_only=False,
        description="draw.io, Excalidraw, PlantUML and our own PNG and SVG often hold what they were drawn from",
    )

    def __init__(self, formats: FormatRegistry) -> None:
        self._formats = formats

    @property
    def revision(self) -> str:
        able = [f.spec for f in self._formats if hasattr(f, "read")]
        return ",".join(f"{spec.id}={spec.version}" for spec in able)

    def check(self) -> list[Problem]:
        return []

    async def aclose(self) -> None:
        """Nothing is held."""

    async def recognize(self, picture: Picture, request: Request, progress: Progress) -> Recognition:
        """Raises NotFoundError where the file carries no source, EngineError where none of those it has can be used."""
        return await asyncio.to_thread(self.read, picture, progress)

    def read(self, picture: Picture, progress: Progress) -> Recognition:
        """The same, at once."""
        found = sources(picture.data)
        if not found:
            raise NotFoundError("the file carries no source of its picture; another engine reads the pixels")
        reasons: list[str] = []
        for carried in found:
            try:
                page = self._best(carried, picture, progress)
            except UnsupportedFormat:
                reasons.append(f"its {carried.format} source has no reader here")
                continue
            except InputError as error:
                reasons.append(f"its {carried.format} source is damaged: {error}")
                continue
            warnings = [loss.message or loss.feature for loss in page.read.losses[:20]]
            if page.count > 1:
                note = "" if page.sure else ", though not clearly"
                warnings.insert(
                    0, f"page {page.number} of {page.count} in the file's source fits the picture best{note}"
                )
            confidence = 1.0 if page.sure else 0.6
            return Recognition(page.read.diagram, confidence, tuple(warnings), model=carried.format)
        raise EngineError(f"the file carries a source that cannot be used: {'; '.join(reasons)}")

    def _best(self, carried: Carried, picture: Picture, progress: Progress) -> _Chosen:
        """The page that fits the picture.  Raises InputError."""
        reader = self._formats.reader(carried.format)
        first = reader.read(carried.payload)
        if first.pages <= 1:
            return _Chosen(first, 1, 1, True)
        edges = _Steps(picture)
        ranked: list[tuple[float, int, Read]] = []
        failed: InputError | None = None
        for number in range(1, min(first.pages, MAX_PAGES) + 1):
            progress(number / first.pages, "comparing pages")
            try:
                read = first if number == 1 else reader.read(carried.payload, page=number)
            except InputError as error:
                failed = error
                continue
            ranked.append((edges.agreement(read.diagram), -number, read))
        if not ranked:
            raise failed or NotFoundError("no page can be read")
        ranked.sort(key=lambda item: item[:2], reverse=True)
        score, number, read = ranked[0]
        if score < _FITS:
            raise EngineError(
                f"none of the {first.pages} pages of the file's {carried.format} source looks like the picture"
            )
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        return _Chosen(read, -number, first.pages, score > 0.5 and score - second > 0.05)


@dataclass(frozen=True, slots=True)
class _Chosen:
    read: Read
    number: int
    count: int
    sure: bool


class _Steps:
    """Where a picture's brightness changes, and how well a page's outlines lie there."""

    def __init__(self, picture: Picture) -> None:
        import numpy as np

        pixels = picture.pixels
        stride = max(1, -(-max(pixels.shape[:2]) // (2 * _SIDE)))
        gray = pixels[::stride, ::stride].astype(np.int16).mean(axis=2)
        steps = np.zeros(gray.shape, bool)
        steps[:, 1:] |= np.abs(np.diff(gray, axis=1)) > 12
        steps[1:, :] |= np.abs(np.diff(gray, axis=0)) > 12
        self.stride = stride
        self.steps = steps
        rows, columns = np.flatnonzero(steps.any(axis=1)), np.flatnonzero(steps.any(axis=0))
        self.ink = (
            Box(float(columns[0]), float(rows[0]), float(columns[-1] - columns[0]), float(rows[-1] - rows[0]))
            if len(rows)
            else Box(0.0, 0.0, 1.0, 1.0)
        )
        self.wide = _spread(steps, 2)
        self.density = float(self.wide.mean())

    def agreement(self, diagram: Diagram) -> float:
        """0 (the page is another) to 1 (every outline is there), less what chance would give."""
        import numpy as np

        boxes = [n.box for n in diagram.nodes if n.box is not None and n.shape != "text"]
        boxes += [g.box for g in diagram.groups if g.box is not None]
        if not boxes or self.ink.w < 2 or self.ink.h < 2:
            return 0.0
        points = [p for e in diagram.edges for p in e.path or ()]
        texts = [n.box for n in diagram.nodes if n.box is not None]
        every = boxes + texts
        x = min([b.x for b in every] + [p.x for p in points])
        y = min([b.y for b in every] + [p.y for p in points])
        w = max([b.right for b in every] + [p.x for p in points]) - x
        h = max([b.bottom for b in every] + [p.y for p in points]) - y
        if w <= 0 or h <= 0:
            return 0.0
        shape = min(w / h, self.ink.w / self.ink.h) / max(w / h, self.ink.w / self.ink.h)
        best = 0.0
        for scale in {self.ink.w / w, self.ink.h / h, 1 / self.stride, 2 / self.stride}:
            at = np.array([(b.x - x, b.y - y, b.w, b.h) for b in boxes]) * scale + [self.ink.x, self.ink.y, 0, 0]
            best = max(best, self._hits(at))
        # In a picture full of steps everything hits; the tenth keeps that from counting.
        return float(max(0.0, (best - self.density) / (1.1 - self.density)) * shape**0.5)

    def _hits(self, boxes: NDArray[np.float64]) -> float:
        import numpy as np

        share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
        # The middle of each side is outline for rectangles, rhombs and ellipses alike; corners are not.
        share = 0.5 + (share - 0.5) * 0.16
        x, y, w, h = (boxes[:, k, None] for k in range(4))
        columns = np.concatenate([x + w * share, x + w * share, x + 0 * share, x + w + 0 * share], axis=1)
        rows = np.concatenate([y + 0 * share, y + h + 0 * share, y + h * share, y + h * share], axis=1)
        height, width = self.wide.shape
        inside = (columns >= 0) & (rows >= 0) & (columns < width) & (rows < height)
        hit = self.wide[np.clip(rows, 0, height - 1).astype(int), np.clip(columns, 0, width - 1).astype(int)] & inside
        return float(hit.mean())


def _spread(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """The mask with every true pixel grown by `reach` to all sides."""
    grown = mask.copy()
    for axis in (0, 1):
        wide = grown.copy()
        for step in range(1, reach + 1):
            if grown.shape[axis] > step:
                front = (slice(None),) * axis + (slice(step, None),)
                back = (slice(None),) * axis + (slice(None, -step),)
                wide[front] |= grown[back]
                wide[back] |= grown[front]
        grown = wide
    return grown
