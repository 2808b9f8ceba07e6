"""What the service answers with: the same models for the library, MCP and REST."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from diagrasp.formats import Loss
from diagrasp.model import Diagram


class LossInfo(BaseModel):
    """Something that a format cannot express."""

    model_config = ConfigDict(frozen=True)

    feature: str = Field(description="What was lost, e.g. `group` or `edge.label`")
    element: str = Field("", description="Id of the node, edge or group; empty for the diagram as a whole")
    message: str = Field("", description="One line for people")

    @classmethod
    def of(cls, loss: Loss) -> LossInfo:
        return cls(feature=loss.feature, element=loss.element, message=loss.message)


class RecognitionResult(BaseModel):
    """A picture's diagram, and the same written in the format asked for."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="Name of the diagram: diagram://{id}")
    diagram: Diagram
    text: str | None = Field(description="The diagram in the format asked for; null where that is no text")
    data: str | None = Field(None, description="The same in base64 where the format is no text, else null")
    format: str
    media_type: str = ""
    engine: str = Field(description="Which engine's answer this is")
    model: str = Field("", description="Which nets or model made it")
    confidence: float = Field(ge=0, le=1, description="Estimated share of the graph that is right")
    warnings: list[str] = Field(default_factory=list)
    cached: bool = False
    elapsed_ms: float = 0.0
    pages: int = Field(1, description="Pages of the file")


class ConversionResult(BaseModel):
    """A diagram written in another format."""

    model_config = ConfigDict(frozen=True)

    text: str | None = Field(description="The diagram in the target format; null where that is no text")
    data: str | None = Field(None, description="The same in base64 where the format is no text, else null")
    format: str
    media_type: str = ""
    source_format: str = ""
    losses: list[LossInfo] = Field(default_factory=list, description="Everything that either side cannot express")
    diagram: Diagram
    pages: int = Field(1, description="Diagrams that the source holds")


class RequestInfo(BaseModel):
    """A line of the request log."""

    at: float = Field(description="Unix time")
    door: str
    task: str
    engine: str
    format: str
    hash: str = Field(description="SHA-256 of the input")
    size: int
    width: int | None
    height: int | None
    elapsed_ms: float
    cached: bool
    status: Literal["ok", "error", "cancelled"]
    error: str
    result: str


class Statistics(BaseModel):
    """Counts over the request log (as far back as it is kept) and the cache."""

    since: float | None = Field(description="Unix time of the oldest request counted")
    requests: int
    errors: int
    cached: int = Field(description="Recognitions answered from the cache")
    by_task: dict[str, int]
    by_engine: dict[str, int] = Field(description="Recognitions that succeeded, by engine")
    mean_ms: float | None = Field(description="Of the last 1000 recognitions that were not cached")
    p50_ms: float | None
    p95_ms: float | None
    results: int = Field(description="Results in the cache")
    cache_bytes: int
    running: int
    waiting: int
    db: str
    warning: str = Field("", description="Why results are not kept, where they are not")
