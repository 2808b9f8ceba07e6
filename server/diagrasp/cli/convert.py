"""`diagrasp convert`."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagrasp.cli.main import Misuse, complain, run_async
from diagrasp.cli.output import refuse_terminal, write_file, write_stdout
from diagrasp.cli.reading import payload, read_input, settings_of, target_spec
from diagrasp.errors import InputError, UnsupportedFormat
from diagrasp.formats import FormatRegistry
from diagrasp.service import ConversionResult, Service
from diagrasp.settings import Settings


def run(arguments: argparse.Namespace) -> int:
    """Convert the file named.  Returns the exit status."""
    settings = settings_of()
    formats = FormatRegistry(external=settings.plugins)
    spec = target_spec(formats, arguments.to)
    if arguments.source is not None:
        try:
            formats.reader(arguments.source)
        except UnsupportedFormat as error:
            raise Misuse(error) from None
    if spec.binary and arguments.output == "-":
        refuse_terminal(spec.id, "give -o FILE")
    data = read_input(arguments.input, settings.max_bytes)
    try:
        result = run_async(_convert(arguments, settings, formats, data))
    except InputError as error:
        complain(error, where=arguments.input)
        return 1
    for loss in result.losses:
        complain(loss.message or f"{loss.feature} {loss.element}".strip(), kind="lost")
    if arguments.output == "-":
        write_stdout(payload(result))
    else:
        write_file(Path(arguments.output), payload(result))
    return 0


async def _convert(
    arguments: argparse.Namespace, settings: Settings, formats: FormatRegistry, data: bytes
) -> ConversionResult:
    async with Service.open(settings, formats=formats) as service:
        return await service.convert(
            data,
            arguments.to,
            from_format=arguments.source,
            filename=None if arguments.input == "-" else arguments.input,
            page=arguments.page,
            options=dict(arguments.options),
            door="cli",
        )
