"""The REST endpoints under `/api/v1`."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from diagrasp.errors import ForbiddenError, InputError
from diagrasp.http.answers import answer
from diagrasp.http.limits import while_listening
from diagrasp.http.parameters import (
    ConvertBody,
    ConvertParameters,
    RecognizeBody,
    RecognizeParameters,
    UploadInfo,
    check,
    take,
)
from diagrasp.mcp.resources import describe_engines, describe_formats

if TYPE_CHECKING:
    from diagrasp.mcp.calls import Calls

PREFIX = "/api/v1"
MOST_RECENT = 500
# A diagram's labels are strangers' text: whatever a browser is shown of it runs nothing and loads nothing.
SANDBOX = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


def routes() -> list[Route]:
    """The endpoints; each finds `Calls` in the application's state."""
    return [
        Route(f"{PREFIX}/recognize", recognize, methods=["POST"]),
        Route(f"{PREFIX}/convert", convert, methods=["POST"]),
        Route(f"{PREFIX}/uploads", upload, methods=["POST"]),
        Route(f"{PREFIX}/formats", formats, methods=["GET"]),
        Route(f"{PREFIX}/engines", engines, methods=["GET"]),
        Route(f"{PREFIX}/recent", recent, methods=["GET"]),
        Route(f"{PREFIX}/statistics", statistics, methods=["GET"]),
        Route(f"{PREFIX}/diagrams/{{name}}", diagram, methods=["GET"]),
    ]


async def recognize(request: Request) -> Response:
    """A picture in, a RecognitionResult out."""
    given = await take(request)
    wanted = check(RecognizeParameters if given.file is not None else RecognizeBody, given.fields)
    image = wanted.image if isinstance(wanted, RecognizeBody) else given.bytes
    result = await while_listening(
        request,
        _calls(request).recognize(
            image,
            format=wanted.format,
            engine=wanted.engine,
            language=wanted.language,
            page=wanted.page,
            use_cache=wanted.use_cache,
        ),
    )
    return answer(result.model_dump(mode="json"))


async def convert(request: Request) -> Response:
    """A source in, a ConversionResult out."""
    given = await take(request)
    wanted = check(ConvertParameters if given.file is not None else ConvertBody, given.fields)
    source = wanted.source if isinstance(wanted, ConvertBody) else given.bytes
    work = _calls(request).convert(source, wanted.to_format, from_format=wanted.from_format, page=wanted.page)
    return answer((await while_listening(request, work)).model_dump(mode="json"))


async def upload(request: Request) -> Response:
    """A file sent ahead; answers 201 and its id."""
    given = await take(request)
    uploads = _calls(request).inputs.uploads
    if uploads is None:
        raise ForbiddenError("this server takes no uploads")
    if not given.bytes.data:
        raise InputError("the file is empty")
    kept = await anyio.to_thread.run_sync(uploads.add, given.bytes.data)
    return answer(UploadInfo(id=kept.id, size=kept.size, expires_at=kept.expires_at).model_dump(), 201)


async def formats(request: Request) -> Response:
    """The formats installed here."""
    return answer(await anyio.to_thread.run_sync(describe_formats, _calls(request).service))


async def engines(request: Request) -> Response:
    """The engines installed here, and what keeps any from working."""
    return answer(await anyio.to_thread.run_sync(describe_engines, _calls(request).service))


async def recent(request: Request) -> Response:
    """The latest requests, newest first."""
    text = request.query_params.get("limit", "50")
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_RECENT:
        raise InputError(f"limit: a whole number from 1 to {MOST_RECENT}")
    return answer([entry.model_dump(mode="json") for entry in await _calls(request).service.recent(int(text))])


async def statistics(request: Request) -> Response:
    """Counts over the request log and the cache; of the database its name, not its place."""
    found = await _calls(request).service.statistics()
    return answer(found.model_copy(update={"db": PurePath(found.db).name}).model_dump(mode="json"))


async def diagram(request: Request) -> Response:
    """A diagram recognised before: `{id}` as diagram JSON, `{id}.{format}` written in a format."""
    service = _calls(request).service
    id, _, format = request.path_params["name"].partition(".")
    if not format:
        return Response((await service.diagram(id)).to_json(), media_type="application/json")
    spec = service.formats.writer(format).spec
    written = await service.write(id, format)
    suffix = spec.suffixes[0] if spec.suffixes else f".{spec.id}"
    headers = {**SANDBOX, "Content-Disposition": f'inline; filename="diagram-{_safe(id)}{suffix}"'}
    return Response(written.data, media_type=spec.media_type, headers=headers)


def _calls(request: Request) -> Calls:
    calls: Calls = request.app.state.calls
    return calls


def _safe(id: str) -> str:
    return "".join(c for c in id if c.isascii() and c.isalnum())[:64]
