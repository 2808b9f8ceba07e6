"""The parts of a Visio package, each bounded while it is unpacked."""

from __future__ import annotations

import lzma
import posixpath
import zipfile
import zlib
from io import BytesIO

from diagrasp.errors import ParseError, TooLargeError
from diagrasp.xmltree import Tag, parse_xml

MAX_PART = 64_000_000
MAX_PARTS = 5_000


class Package:
    """The parts of the ZIP."""

    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(BytesIO(data))
        if len(self.zip.infolist()) > MAX_PARTS:
            raise TooLargeError(f"the package has more than {MAX_PARTS:,} parts")

    def xml(self, name: str) -> Tag | None:
        if name not in self.zip.namelist():
            return None
        try:
            with self.zip.open(name) as part:
                raw = part.read(MAX_PART + 1)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise ParseError(f"the part {name} is damaged: {error}") from None
        if len(raw) > MAX_PART:
            raise TooLargeError(f"the part {name} unpacks to more than {MAX_PART:,} bytes")
        return parse_xml(raw)

    def parts_of(self, index: str, kind: str) -> list[tuple[Tag, Tag]]:
        """The entries of an index part with the parts that they point to."""
        listing = self.xml(index)
        folder, name = posixpath.split(index)
        links = self.xml(f"{folder}/_rels/{name}.rels")
        targets = {link.get("Id"): link.get("Target") for link in links.children} if links is not None else {}
        found = []
        for entry in listing.all(kind) if listing is not None else ():
            relation = entry.find("Rel")
            target = targets.get(relation.get("id"), "") if relation is not None else ""
            part = self.xml(posixpath.normpath(posixpath.join(folder, target)).lstrip("/")) if target else None
            if part is not None:
                found.append((entry, part))
        return found
