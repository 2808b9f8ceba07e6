"""What a sign of BPMN says: a small net over crops of events, gateways, tasks' icons and markers.

One trunk with a head for each place that signs stand in, so that an event is never read as a gateway.  Crops come to it
as ink on paper of one size; `normalised` makes them, here and where the net is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources.abc import Traversable
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.nets import open_net

SIDE: Final = 32
"""Side of a prepared crop, in pixels."""
TRIGGERS: Final = (
    "none", "message", "timer", "error", "signal", "escalation", "compensation", "conditional", "link", "terminate",
    "cancel", "multiple", "parallel_multiple",
)  # fmt: skip
RINGS: Final = ("thin", "double", "thick")
GATEWAYS: Final = ("none", "exclusive", "parallel", "inclusive", "event", "complex")
CORNERS: Final = ("none", "user", "service", "script", "send", "receive", "manual", "business_rule")
FEET: Final = ("none", "loop", "parallel", "sequential", "compensation", "adhoc", "collapsed")
HEADS: Final = {
    "trigger": TRIGGERS, "filled": ("no", "yes"), "ring": RINGS, "dashed": ("no", "yes"), "gateway": GATEWAYS,
    "corner": CORNERS, "foot": FEET,
}  # fmt: skip
"""The net's outputs, in their order, and what each of their numbers stands for."""

Crop = NDArray[np.uint8]


class Said(NamedTuple):
    """What one head says of one crop, and the probability that it is right."""

    what: str
    sure: float


def normalised(ink: NDArray[np.float32], keep: NDArray[np.bool_] | None = None) -> Crop:
    """A crop as the net wants it: (SIDE, SIDE) uint8, paper 0, the darkest ink 255.

    Args:
        ink: (h, w) how far each pixel is from the paper, in levels.
        keep: (h, w) what belongs to the symbol; the rest becomes paper.
    """
    if keep is not None:
        ink = np.where(keep, ink, np.float32(0))
    h, w = ink.shape
    if h != w:  # keep the proportions
        side = max(h, w)
        top, left = (side - h) // 2, (side - w) // 2
        ink = np.asarray(np.pad(ink, ((top, side - h - top), (left, side - w - left))), np.float32)
    way = cv2.INTER_AREA if len(ink) > SIDE else cv2.INTER_LINEAR
    small = cv2.resize(ink, (SIDE, SIDE), interpolation=way)
    most = max(60.0, float(np.percentile(small, 99)))
    return np.asarray(np.clip(small * (255.0 / most), 0, 255), np.uint8)


class SignNet:
    """The net that ships with diagrasp, under ONNX Runtime on the CPU."""

    def __init__(self, folder: Traversable | None = None) -> None:
        """`folder` holds signs.onnx and signs.json, by default those that diagrasp ships.

        Raises EngineUnavailable when onnxruntime or the weights are missing or do not belong together.
        """
        heads = {name: list(words) for name, words in HEADS.items()}

        def fits(about: dict[str, Any]) -> str | None:
            suits = about["heads"] == heads and about["side"] == SIDE
            return None if suits else "was made for another version of diagrasp"

        self._session, _ = open_net("signs", fits, folder=folder)

    def read(self, crops: Sequence[Crop]) -> list[dict[str, Said]]:
        """What every head says of every crop; which of them are asked is the caller's to choose."""
        if not crops:
            return []
        found = self._session.run(None, {"crops": np.stack(crops)})
        return [
            {
                name: Said(words[int(chance[i].argmax())], float(chance[i].max()))
                for (name, words), chance in zip(HEADS.items(), found, strict=True)
            }
            for i in range(len(crops))
        ]
