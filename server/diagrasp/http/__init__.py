"""The HTTP surface: MCP at `/mcp`, REST under `/api/v1`, health, metrics and documentation, in one ASGI app."""

from diagrasp.http.app import create_app
from diagrasp.http.serve import run_http

__all__ = ["create_app", "run_http"]
