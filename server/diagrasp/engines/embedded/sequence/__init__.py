"""Sequence diagrams: recognised by their lifelines, read from the top down."""

from __future__ import annotations

from diagrasp.engines.embedded.sequence.find import Sequence, find_sequence
from diagrasp.engines.embedded.sequence.graph import to_diagram

__all__ = ["Sequence", "find_sequence", "to_diagram"]
