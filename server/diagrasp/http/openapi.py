"""The OpenAPI description, built from the models that the endpoints check and answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from diagrasp import __version__
from diagrasp.http.api import MOST_RECENT, PREFIX
from diagrasp.http.parameters import (
    ConvertBody,
    ConvertParameters,
    ErrorAnswer,
    RecognizeBody,
    RecognizeParameters,
    UploadInfo,
)
from diagrasp.model import Diagram
from diagrasp.service import ConversionResult, RecognitionResult, RequestInfo, Statistics

REFUSALS: Mapping[str, str] = {
    "400": "The input cannot be used: not a picture, a field missing or wrong",
    "401": "No valid bearer token",
    "403": "Outside what the server allows",
    "404": "No such diagram, page, file or upload",
    "413": "Larger than the limits",
    "415": "The body is of a type that is not taken",
    "422": "No such format, or the source does not parse",
    "429": "Too many requests of this client; see Retry-After",
    "503": "The queue is full (see Retry-After), or the engine is not available here",
    "504": "The picture took longer than the time limit",
}
_SENT: list[type[BaseModel]] = [RecognizeParameters, RecognizeBody, ConvertParameters, ConvertBody]
_ANSWERED: list[type[BaseModel]] = [
    RecognitionResult, ConversionResult, RequestInfo, Statistics, UploadInfo, ErrorAnswer, Diagram,
]  # fmt: skip


def describe(*, tokens: bool) -> dict[str, Any]:
    """The OpenAPI 3.1 document.

    Args:
        tokens: whether requests must show a bearer token.
    """
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = []
    modes += [(model, "validation") for model in _SENT]
    modes += [(model, "serialization") for model in _ANSWERED]
    _, definitions = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    components: dict[str, Any] = {
        "schemas": definitions["$defs"],
        "responses": {
            status: {"description": text, "content": _json("ErrorAnswer")} for status, text in REFUSALS.items()
        },
    }
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "diagrasp",
            "version": __version__,
            "description": "Pictures of diagrams in, typed graphs out. MCP is served at /mcp.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": components,
    }
    if tokens:
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"bearer": []}]
    return document


def _paths() -> dict[str, Any]:
    recognized, converted = _answer("RecognitionResult"), _answer("ConversionResult")
    work = ("400", "401", "403", "404", "413", "415", "422", "429", "503", "504")
    return {
        f"{PREFIX}/recognize": {
            "post": _operation(
                "recognize", "Read a picture of a diagram", recognized, work,
                body=_body("RecognizeBody", "RecognizeParameters"), parameters=_query(RecognizeParameters),
            )
        },
        f"{PREFIX}/convert": {
            "post": _operation(
                "convert", "Convert a diagram between formats", converted, work,
                body=_body("ConvertBody", "ConvertParameters"), parameters=_query(ConvertParameters),
            )
        },
        f"{PREFIX}/uploads": {
            "post": _operation(
                "upload", "Send a file ahead; its id serves as `image` or `source` for an hour",
                {"201": {"description": "Kept", "content": _json("UploadInfo")}},
                ("400", "401", "413", "415", "429", "503"), body=_body(None, None),
            )
        },
        f"{PREFIX}/formats": {"get": _operation("formats", "The formats installed here", _list(), ("401",))},
        f"{PREFIX}/engines": {"get": _operation("engines", "The engines installed here", _list(), ("401",))},
        f"{PREFIX}/recent": {
            "get": _operation(
                "recent", "The latest requests, newest first", _list("RequestInfo"), ("400", "401"),
                parameters=[
                    {"name": "limit", "in": "query",
                     "schema": {"type": "integer", "minimum": 1, "maximum": MOST_RECENT, "default": 50}}
                ],
            )
        },
        f"{PREFIX}/statistics": {
            "get": _operation("statistics", "Counts over requests and the cache", _answer("Statistics"), ("401",))
        },
        f"{PREFIX}/diagrams/{{id}}": {
            "get": _operation(
                "diagram", "A diagram recognised before, as diagram JSON", _answer("Diagram"), ("401", "404"),
                parameters=[_path("id")],
            )
        },
        f"{PREFIX}/diagrams/{{id}}.{{format}}": {
            "get": _operation(
                "diagram_in_format", "A diagram recognised before, written in a format",
                {"200": {"description": "In the format's media type", "content": {"*/*": {}}}},
                ("401", "404", "422"), parameters=[_path("id"), _path("format")],
            )
        },
        "/health": {"get": _operation("health", "Whether the server is alive", _plain(), (), open=True)},
        "/health/ready": {
            "get": _operation("ready", "Whether recognition works", _plain(), ("503",), open=True)
        },
        "/metrics": {
            "get": _operation(
                "metrics", "Figures for Prometheus",
                {"200": {"description": "Prometheus text", "content": {"text/plain": {}}}}, ("401",),
            )
        },
    }  # fmt: skip


def _operation(
    id: str,
    summary: str,
    answers: Mapping[str, Any],
    refusals: tuple[str, ...],
    *,
    body: Mapping[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    open: bool = False,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": id,
        "summary": summary,
        "responses": {**answers, **{s: {"$ref": f"#/components/responses/{s}"} for s in refusals}},
    }
    if body is not None:
        found["requestBody"] = body
    if parameters:
        found["parameters"] = parameters
    if open:
        found["security"] = []
    return found


def _body(json_model: str | None, form_model: str | None) -> dict[str, Any]:
    file: dict[str, Any] = {
        "type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}},
    }  # fmt: skip
    form = {"allOf": [file, {"$ref": f"#/components/schemas/{form_model}"}]} if form_model else file
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if json_model is not None:
        content |= _json(json_model)
    content["image/*"] = {"schema": {"type": "string", "format": "binary"}}
    return {"required": True, "content": content}


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    properties = model.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "description": schema.pop("description", ""), "schema": schema}
        for name, schema in properties.items()
    ]


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}}


def _answer(model: str) -> dict[str, Any]:
    return {"200": {"description": "Done", "content": _json(model)}}


def _list(model: str | None = None) -> dict[str, Any]:
    item = {"$ref": f"#/components/schemas/{model}"} if model else {"type": "object"}
    content = {"application/json": {"schema": {"type": "array", "items": item}}}
    return {"200": {"description": "Done", "content": content}}


def _plain() -> dict[str, Any]:
    return {"200": {"description": "Yes", "content": {"application/json": {"schema": {"type": "object"}}}}}
