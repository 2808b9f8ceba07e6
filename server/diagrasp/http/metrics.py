"""Figures for Prometheus, in a registry of the application's own."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from diagrasp import __version__

if TYPE_CHECKING:
    from diagrasp.mcp.calls import Call
    from diagrasp.service import Statistics

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0, 120.0)
_FIGURES = {
    "load_seconds": "Seconds that loading the weights took",
    "loads": "How often the weights were loaded",
    "loaded": "Whether the weights are loaded",
    "answers": "Answers told",
    "tokens": "Tokens told",
    "tokens_per_second": "Tokens told a second",
    "memory_bytes": "Memory that the model takes at its peak",
}
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Metrics:
    """Counts requests (what HTTP saw) and calls (what the doors `mcp` and `rest` were asked to do)."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        build = Gauge("diagrasp_build_info", "Version", ["version", "python"], registry=registry)
        build.labels(__version__, platform.python_version()).set(1)
        self._requests = Counter(
            "diagrasp_http_requests_total", "HTTP requests", ["method", "route", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            "diagrasp_http_request_seconds", "Time to the end of the answer", ["route"],
            buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._in_flight = Gauge("diagrasp_http_requests_in_flight", "Requests being answered", registry=registry)
        self._calls = Counter(
            "diagrasp_calls_total", "Recognitions and conversions", ["door", "operation", "engine", "status"],
            registry=registry,
        )  # fmt: skip
        self._call_seconds = Histogram(
            "diagrasp_call_seconds", "Time of a recognition or conversion that succeeded",
            ["door", "operation", "cached"], buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._hits = Counter("diagrasp_cache_hits_total", "Recognitions answered from the cache", registry=registry)
        self._misses = Counter("diagrasp_cache_misses_total", "Recognitions that an engine did", registry=registry)
        self._running = Gauge("diagrasp_queue_running", "Pictures being read", registry=registry)
        self._waiting = Gauge("diagrasp_queue_waiting", "Pictures waiting for a worker", registry=registry)
        self._results = Gauge("diagrasp_cache_results", "Results in the cache", registry=registry)
        self._engines: dict[str, Gauge] = {}
        self._bytes = Gauge("diagrasp_cache_bytes", "Size of the results in the cache", registry=registry)

    def began(self) -> None:
        self._in_flight.inc()

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """An HTTP request is over; `route` is one of a few patterns, never a path of the caller's making."""
        self._in_flight.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def observe(self, call: Call) -> None:
        """A recognition or conversion is over."""
        self._calls.labels(call.door, call.operation, call.engine, call.status).inc()
        if call.status != "ok":
            return
        self._call_seconds.labels(call.door, call.operation, str(call.cached).lower()).observe(call.seconds)
        if call.operation == "recognize":
            (self._hits if call.cached else self._misses).inc()

    def render(self, statistics: Statistics, engines: Mapping[str, Mapping[str, float]] | None = None) -> bytes:
        """The exposition, with the queue, the cache and the engines as they are now.

        Args:
            engines: figures by engine, e.g. tokens a second.
        """
        for id, figures in (engines or {}).items():
            for name, value in figures.items():
                if name not in self._engines:
                    title = f"{_FIGURES.get(name, name)}, by engine"
                    self._engines[name] = Gauge(f"diagrasp_engine_{name}", title, ["engine"], registry=self.registry)
                self._engines[name].labels(id).set(value)
        self._running.set(statistics.running)
        self._waiting.set(statistics.waiting)
        self._results.set(statistics.results)
        self._bytes.set(statistics.cache_bytes)
        return generate_latest(self.registry)
