"""Sequence diagrams: recognised by their lifelines, read from the top down."""

from __future__ import annotations

from diagrasp.engines.embedded.sequence.find import Sequence
from diagrasp.engines.embedded.sequence.graph import to_diagram
from diagrasp.engines.embedded.sequence.search import any_sequence

__all__ = ["Sequence", "any_sequence", "to_diagram"]
