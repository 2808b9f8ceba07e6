"""The diagram JSON: the model itself, which loses nothing."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from diagrasp.errors import ParseError, TooLargeError
from diagrasp.formats import FormatSpec, Read, Written, decode_text
from diagrasp.model import Diagram
from diagrasp_formats._common import check_options, choice, encode, head_text, only_page

MAX_BYTES = 32 * 2**20


class JsonFormat:
    """Reads and writes the diagram JSON."""

    spec = FormatSpec(
        id="json",
        title="Diagram JSON",
        media_type="application/json",
        suffixes=(".json",),
        kinds=frozenset(
            "flowchart bpmn activity state sequence class er usecase c4 mindmap block".split()  # noqa: SIM905
        ),
        features=frozenset(
            {
                "ids", "label", "title", "direction", "kind.*", "shape.*", "rows", "trigger", "marker.*",
                "attached_to", "group", "group.*", "edge.*", "line.*", "head.*", "tail.*", "box", "path", "confidence",
            }
        ),
        options={"indent": "spaces for each level (0 to 8, 1 unless told; 0 puts all on one line)"},
    )  # fmt: skip

    def sniff(self, data: bytes) -> float:
        head = head_text(data).lstrip()
        if not head.startswith("{"):
            return 0.0
        return 0.9 if '"nodes"' in head and '"version"' in head else 0.2

    def read(self, data: bytes, *, page: int | None = None) -> Read:
        """Raises ParseError with line and column, or with the path to the value that is wrong."""
        only_page(page)
        if len(data) > MAX_BYTES:
            raise TooLargeError(f"the JSON is {len(data):,} bytes; the limit is {MAX_BYTES:,}")
        text = decode_text(data)
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise ParseError(error.msg, line=error.lineno, column=error.colno) from None
        except RecursionError:
            raise ParseError("the JSON nests too deeply") from None
        except ValueError as error:  # an integer of too many digits
            raise ParseError(str(error)) from None
        if not isinstance(value, dict):
            raise ParseError("the JSON is no diagram", line=1, column=1, expected=["an object with nodes and edges"])
        try:
            return Read(Diagram.model_validate_json(text))
        except ValidationError as error:
            raise _explained(error) from None

    def write(self, diagram: Diagram, **options: Any) -> Written:
        check_options(options, self.spec.options, "json")
        indent = int(choice(options, "indent", [str(i) for i in range(9)], "1"))
        return Written(encode(diagram.to_json(indent=indent or None) + "\n"))


def _explained(error: ValidationError) -> ParseError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the diagram"
    message = first["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    return ParseError(f"{where}: {message}" + (f" (and {more} more)" if more else ""))
