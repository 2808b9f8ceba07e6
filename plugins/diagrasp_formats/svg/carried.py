"""Reading what a picture carries, by whichever format it is in."""

from __future__ import annotations

from diagrasp.carriers import sources, unpack
from diagrasp.errors import InputError, NotFoundError, ParseError, UnsupportedFormat
from diagrasp.formats import FormatRegistry, Read


def read_carried(data: bytes, page: int | None, kind: str) -> Read:
    """The diagram that a PNG or SVG holds: ours, or the source that another tool left in it.

    Args:
        kind: what the file is, for messages.

    Raises:
        ParseError: it carries nothing that can be read here; NotFoundError: no such page.
    """
    reasons: list[str] = []
    for carried in sources(data):
        if carried.format == "json" and page not in (None, 1):
            raise NotFoundError(f"this {kind} has one page, not {page}")
        try:
            if carried.format == "json":
                return Read(unpack(carried.payload))
            return FormatRegistry().reader(carried.format).read(carried.payload, page=page)
        except NotFoundError:
            raise
        except UnsupportedFormat:
            reasons.append(f"its {carried.format} source has no reader here")
        except InputError as error:
            reasons.append(f"its {carried.format} source is damaged: {error}")
    if reasons:
        raise ParseError(f"the {kind} carries a diagram that cannot be read: {'; '.join(reasons)}")
    raise ParseError(
        f"the {kind} carries no diagram; to read it as a picture, use `diagrasp recognize`",
        expected=[f"a {kind} that carries its source, as those written here do"],
    )
