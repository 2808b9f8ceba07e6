"""The command line."""

from __future__ import annotations

from diagrasp.cli.main import main

__all__ = ["main"]
