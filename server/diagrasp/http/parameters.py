"""What the REST endpoints take, checked: from the query, a form, a JSON body or a bare file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from diagrasp.errors import InputError
from diagrasp.http.answers import MediaTypeError
from diagrasp.mcp.inputs import Input

M = TypeVar("M", bound=BaseModel)


class RecognizeParameters(BaseModel):
    """How a picture is to be read; each as a query, form or JSON field."""

    model_config = ConfigDict(extra="forbid")

    format: str = Field("mermaid", description="Format of the answer's text; see /api/v1/formats")
    engine: str = Field("auto", description="auto, or one of /api/v1/engines")
    language: str | None = Field(None, description="Language of the labels where known: ru, en or ru,en")
    page: int | None = Field(None, ge=1, description="Page of a file with several, from 1")
    use_cache: bool = Field(True, description="Whether an earlier answer for the same picture will do")


class RecognizeBody(RecognizeParameters):
    """The JSON body of a recognition."""

    image: str = Field(description="data: URI, upload:// id, https URL or path, as far as the server allows each")


class ConvertParameters(BaseModel):
    """How a source is to be converted; each as a query, form or JSON field."""

    model_config = ConfigDict(extra="forbid")

    to_format: str = Field(description="Format to write; see /api/v1/formats")
    from_format: str = Field("auto", description="Format of the source; auto tells it by its look")
    page: int | None = Field(None, ge=1, description="Diagram of a source with several, from 1")


class ConvertBody(ConvertParameters):
    """The JSON body of a conversion."""

    source: str = Field(description="Text of a diagram, diagram://id, data: URI, upload:// id or path")


class UploadInfo(BaseModel):
    """A file sent ahead; give its id as `image` or `source`."""

    id: str
    size: int
    expires_at: float = Field(description="Unix time")


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable name, e.g. bad_input, too_large, overloaded")
    message: str = Field(description="One line: what is wrong and what to do")


class ErrorAnswer(BaseModel):
    """The body of every answer that is no success."""

    error: ErrorDetail


@dataclass(frozen=True, slots=True)
class Given:
    """A request taken apart: its fields, and its file where it brought one."""

    fields: dict[str, Any]
    file: Input | None = None

    @property
    def bytes(self) -> Input:
        """The file.  Raises InputError where there is none."""
        if self.file is None:
            raise InputError("send the file as multipart/form-data in the field `file`")
        return self.file


async def take(request: Request) -> Given:
    """The fields of query and body (the body's win) and the file of a form, or the body itself where that is a file.

    Raises:
        MediaTypeError: the body is neither a form, JSON, nor a picture, PDF or bytes.
        InputError: a malformed body, two files, or a field given twice.
    """
    fields: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return Given(fields | _object(await request.body()))
    if kind == "multipart/form-data":
        file: Input | None = None
        async with request.form(max_files=1, max_fields=20, max_part_size=1 << 20) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if name != "file":
                        raise InputError(f"the file belongs in the field `file`, not in {name[:60]!r}")
                    file = Input(await value.read(), _base_name(value.filename))
                else:
                    fields |= {name: value} if value else {}  # an HTML form sends what was left empty
        return Given(fields, file)
    if kind.startswith("image/") or kind in ("application/pdf", "application/octet-stream", "text/plain"):
        return Given(fields, Input(await request.body(), _base_name(fields.pop("filename", ""))))
    raise MediaTypeError(
        "send multipart/form-data with the field `file`, application/json, or the picture itself as image/*"
    )


def check(model: type[M], fields: dict[str, Any]) -> M:
    """The fields as a model.  Raises InputError with the first thing that is wrong."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:60]
        if first["type"] == "extra_forbidden":
            raise InputError(f"no field {where!r}; there are {', '.join(model.model_fields)}") from None
        if first["type"] == "missing":
            raise InputError(f"the field {where!r} is missing") from None
        raise InputError(f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("the body is not well-formed JSON") from None
    if not isinstance(found, dict):
        raise InputError("the JSON body must be an object")
    return found


def _base_name(name: str | None) -> str:
    return (name or "").replace("\\", "/").rpartition("/")[2][:200]
