"""Engine `embedded`: OpenCV and small nets that ship with diagrasp.  Importing it imports neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagrasp.engines import Engine
    from diagrasp.settings import Settings


def create(settings: Settings) -> Engine:
    """The engine; it loads its text reader with its first picture."""
    from diagrasp.engines.embedded.engine import EmbeddedEngine

    del settings
    return EmbeddedEngine()
