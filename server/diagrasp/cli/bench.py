"""`diagrasp bench`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from diagrasp.cli.main import FAILED, Misuse, complain, run_async
from diagrasp.cli.output import write_file, write_stdout
from diagrasp.cli.reading import check_engine, settings_of
from diagrasp.engines import EngineRegistry
from diagrasp.errors import InputError

if TYPE_CHECKING:
    from diagrasp.bench.cases import Case
    from diagrasp.bench.run import Result, Run

PAGE = "report.html"


def run(arguments: argparse.Namespace) -> int:
    """Judge what is read, or was read, of a folder's pictures.  Returns the exit status."""
    from diagrasp.bench import report
    from diagrasp.bench.cases import load_cases
    from diagrasp.bench.run import judge_found
    from diagrasp.bench.truths import Truths

    folder = Path(arguments.folder)
    out = None if arguments.out is None else Path(arguments.out)
    if out is not None and out.resolve() == folder.resolve():
        raise Misuse(f"--out {out} would overwrite the truths; name another folder")
    if arguments.found is not None and not Path(arguments.found).is_dir():
        raise InputError(f"{arguments.found}: no such folder")
    settings = settings_of()
    engines = EngineRegistry(settings, external=settings.plugins)
    check_engine(engines, arguments.engine)
    cases = load_cases(folder, Truths(settings), arguments.only, lambda picture, why: complain(why, where=str(picture)))
    made = judge_found(cases, Path(arguments.found)) if arguments.found else _read(arguments, cases, engines)
    for result in made.results:
        if result.error:
            complain(result.error, where=str(result.case.picture))
    if out is not None:
        _keep(out, made, arguments.by)
    found = (
        json.dumps(report.data(made, arguments.by), ensure_ascii=False, indent=1)
        if arguments.json
        else report.text(made, arguments.by, arguments.worst)
    )
    write_stdout(f"{found}\n".encode())
    return FAILED if made.failed else 0


def _read(arguments: argparse.Namespace, cases: list[Case], engines: EngineRegistry) -> Run:
    from diagrasp.bench.run import recognize

    settings = settings_of()
    with tqdm(total=len(cases), unit="picture", file=sys.stderr, dynamic_ncols=True) as bar:

        def done(result: Result) -> None:
            bar.set_postfix_str(result.case.name, refresh=False)
            bar.update()

        return run_async(
            recognize(
                cases,
                settings,
                engines,
                arguments.engine,
                jobs=arguments.jobs,
                languages=arguments.lang,
                options=dict(arguments.options),
                done=done,
            )
        )


def _keep(out: Path, made: Run, by: list[str]) -> None:
    """The diagrams found, NAME.json each, and the page that shows them."""
    from diagrasp.bench.page import page

    try:
        out.mkdir(parents=True, exist_ok=True)
        for result in made.results:
            if result.found is not None:
                write_file(out / f"{result.case.name}.json", f"{result.found.to_json()}\n".encode())
        write_file(out / PAGE, page(made, by).encode())
    except OSError as error:
        raise InputError(f"cannot write {error.filename or out}: {error.strerror or error}") from None
    print(f"diagrasp: {out / PAGE}", file=sys.stderr)
