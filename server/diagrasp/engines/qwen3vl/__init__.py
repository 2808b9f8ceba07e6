"""Engine `qwen3-vl`: Qwen3-VL with LoRA through transformers and peft.  Importing it imports neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagrasp.engines import Engine
    from diagrasp.settings import Settings


def create(settings: Settings) -> Engine:
    """The engine of these settings; loads nothing before its first picture."""
    from diagrasp.engines.qwen3vl.config import Config
    from diagrasp.engines.qwen3vl.engine import QwenEngine

    return QwenEngine(Config.of(settings))
