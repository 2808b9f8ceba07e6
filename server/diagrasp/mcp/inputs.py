"""What callers may name as a picture or a source, and the checked way from the name to bytes.

Accepted are a path or `file://` URI below an allowed root, a `data:` URI, an `upload://` id, and, where the setting
`allow_urls` says so, an https URL.  Limits are checked before anything is decoded.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

import anyio.to_thread

from diagrasp.errors import ForbiddenError, InputError, TooLargeError
from diagrasp.mcp.fetching import Fetcher
from diagrasp.mcp.paths import Roots
from diagrasp.mcp.uploads import SCHEME, Uploads

_DATA = re.compile(
    r"data:(?P<type>[\w.+/-]*)(?P<parameters>(?:;[\w.+-]+=[^;,]{0,100})*)(?P<base64>;base64)?,", re.IGNORECASE
)
_SPACE = re.compile(r"[ \t\r\n]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}\s*")
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://")


@dataclass(frozen=True, slots=True)
class Input:
    """Bytes of the caller's choosing.

    Attributes:
        name: the file's own name, or empty.
        path: where on this machine they were read from; None where the caller sent them.
    """

    data: bytes
    name: str = ""
    path: Path | None = None


@dataclass(frozen=True)
class Inputs:
    """Turns references into bytes.

    Attributes:
        roots: the folders that paths may lie in.
        max_bytes: the largest file.
        fetcher: gets https URLs; None where that is not allowed.
        uploads: files sent ahead; None where there is no way to send them.
    """

    roots: Roots
    max_bytes: int
    fetcher: Fetcher | None = None
    uploads: Uploads | None = None

    async def read(self, reference: str) -> Input:
        """The bytes behind a reference.

        Raises:
            ForbiddenError: it lies outside what the settings allow.
            NotFoundError: there is nothing of that name.
            TooLargeError: it exceeds `max_bytes`; a `data:` URI is measured before it is decoded.
            InputError: it is none of the accepted forms, or cannot be read.
        """
        reference = reference.strip(" \t\r\n") if len(reference) < 10_000 else reference
        if not reference:
            raise InputError("the image is empty; give a path, a data: URI or an upload's id")
        head = reference[:10].lower()
        if head.startswith("data:"):
            return Input(decode_data_uri(reference, self.max_bytes))
        if head.startswith(SCHEME):
            if self.uploads is None:
                raise ForbiddenError("this server takes no uploads; give a path or a data: URI")
            return Input(await anyio.to_thread.run_sync(self.uploads.read, reference))
        if head.startswith(("https:", "http:")):
            if self.fetcher is None:
                raise ForbiddenError("this server fetches no URLs; DIAGRASP_ALLOW_URLS=true allows https")
            data = await self.fetcher.fetch(reference)
            return Input(data, reference.partition("?")[0].rpartition("/")[2][:100])
        if _BASE64.fullmatch(reference):
            raise InputError("this looks like bare base64; put `data:image/png;base64,` (or its own type) before it")
        if (url := _URL.match(reference)) and url["scheme"].lower() != "file":
            raise InputError(f"{url['scheme']}:// is not understood; give a path, a data: URI or an upload's id")
        data, path = await anyio.to_thread.run_sync(self.roots.read, reference, self.max_bytes)
        return Input(data, path.name, path)


def decode_data_uri(uri: str, max_bytes: int) -> bytes:
    """The bytes of a `data:` URI (RFC 2397), base64 in either alphabet or percent-encoded.

    Raises:
        TooLargeError: by the length of the text, before decoding.
        InputError: not well-formed.
    """
    found = _DATA.match(uri[:2000])
    if found is None:
        raise InputError("the data: URI is not well-formed; write data:image/png;base64,...")
    # Line breaks every 76 characters are the most that encoders put in; percent-encoding takes three for one.
    longest = (max_bytes + 2) // 3 * 4 * 78 // 76 + 4 if found["base64"] else max_bytes * 3
    if len(uri) - found.end() > longest:
        raise TooLargeError(f"the data: URI holds more than {max_bytes} bytes (DIAGRASP_MAX_BYTES)")
    body = uri[found.end() :]
    if not found["base64"]:
        data = unquote_to_bytes(body)
    else:
        if "%" in body:
            body = unquote_to_bytes(body).decode("latin-1")
        compact = _SPACE.sub("", body).translate(_URLSAFE)
        try:
            data = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise InputError("the data: URI is not valid base64") from None
    if not data:
        raise InputError("the data: URI holds nothing")
    if len(data) > max_bytes:
        raise TooLargeError(f"the data: URI holds more than {max_bytes} bytes (DIAGRASP_MAX_BYTES)")
    return data


_URLSAFE = str.maketrans("-_", "+/")
