"""What may be typed: commands, arguments and their help."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from typing import NoReturn

from diagrasp import __version__

_EXAMPLES = """\
examples:
  diagrasp recognize process.png                     Mermaid on stdout
  diagrasp recognize process.png --to steps          the algorithm as a table of steps and roles
  diagrasp recognize *.png --to json --out graphs    a file for each picture
  diagrasp convert process.mmd --to svg -o process.svg
  diagrasp serve --http --port 8000
  diagrasp doctor                                    what works here and what is missing

Settings are environment variables DIAGRASP_... or lines of a file .env.
"""

_RECOGNIZE = """\
Read pictures of diagrams: PNG, JPEG, WebP, BMP, GIF, TIFF, PDF, SVG.

One picture without --out: the result goes to stdout.  With --out, or several pictures: each to
DIR/NAME.<suffix of the format> (NAME.ext.<suffix> where two pictures share a stem); files appear whole or
not at all, and a picture that fails is reported and the rest carried on.  "-" is stdin.
"""

_OPTION_HELP = (
    "an option of the format written if it has one of that name (see `diagrasp formats`), else of the engine "
    "(see `diagrasp engines`); may be repeated"
)


class _Help(argparse.RawDescriptionHelpFormatter):
    """Descriptions as they are written, names and their help side by side."""

    def __init__(self, prog: str) -> None:
        width = min(100, shutil.get_terminal_size().columns - 2)
        super().__init__(prog, max_help_position=26, width=width)
        self._action_max_length = 13  # argparse forgets the indent of commands and would break after "recognize"


class _Parser(argparse.ArgumentParser):
    """Errors are one line, as everywhere else in this program."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: error: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Arguments into a namespace whose `module` names the command's module.  Exits with 2 on misuse, 0 after help."""
    return build().parse_args(argv)


def build() -> argparse.ArgumentParser:
    """The whole parser."""
    parser = _Parser(
        prog="diagrasp",
        description="Pictures of diagrams in, typed graphs out: as Mermaid, as an algorithm in words, and more.",
        epilog=_EXAMPLES,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"diagrasp {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, module: str, help: str, description: str = "") -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=help,
            description=description or f"{help[0].upper()}{help[1:]}.",
            formatter_class=_Help,
            allow_abbrev=False,
        )
        made.set_defaults(module=module)
        return made

    _recognize(command("recognize", "recognize", "read pictures of diagrams", _RECOGNIZE))
    _convert(command("convert", "convert", "turn a diagram from one format into another"))
    _serve(command("serve", "serve", "serve MCP over stdio, or MCP and REST over HTTP"))
    _json_flag(command("formats", "lists", "list the formats installed here"), listed="formats")
    _json_flag(command("engines", "lists", "list the engines installed here"), listed="engines")
    command("doctor", "doctor", "say what works here, what is missing and how to get it")
    _cache(command("cache", "cache", "show, empty or copy the cache of results"))
    _batch(command("batch", "batch", "read every picture of a folder and its subfolders", _BATCH))
    _bench(command("bench", "bench", "tell how well a folder of pictures with known graphs is read", _BENCH))
    return parser


def _recognize(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", metavar="IMAGE", nargs="+", help='a picture; "-" is stdin')
    _reading(parser)
    parser.add_argument("--out", metavar="DIR", help="write files into this folder, made where absent")
    parser.add_argument("--page", metavar="N", type=_positive, help="which page of the file, counted from 1")


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", metavar="FORMAT", default="mermaid", help="the format written (mermaid unless told; see formats)"
    )
    parser.add_argument("--engine", metavar="NAME", help="auto, or one listed by `diagrasp engines`")
    parser.add_argument("--no-cache", action="store_true", help="read anew even if the answer is known")
    parser.add_argument(
        "--lang", metavar="CODES", type=_codes, help="languages of the labels, likeliest first, e.g. ru,en"
    )
    _options(parser, _OPTION_HELP)


def _convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help='a file; "-" is stdin')
    parser.add_argument("--from", dest="source", metavar="FORMAT", help="its format; told by the file where absent")
    parser.add_argument("--to", metavar="FORMAT", required=True, help="the format written")
    parser.add_argument("-o", "--output", metavar="FILE", default="-", help='where to; "-", the default, is stdout')
    parser.add_argument("--page", metavar="N", type=_positive, help="which diagram of the file, counted from 1")
    _options(parser, "an option of the format written (see `diagrasp formats`); may be repeated")


def _options(parser: argparse.ArgumentParser, help: str) -> None:
    parser.add_argument(
        "--option", metavar="KEY=VALUE", dest="options", action="append", default=[], type=_pair, help=help
    )


def _serve(parser: argparse.ArgumentParser) -> None:
    doors = parser.add_mutually_exclusive_group()
    doors.add_argument(
        "--stdio", dest="door", action="store_const", const="stdio", help="MCP on stdin and stdout (the default)"
    )
    doors.add_argument(
        "--http", dest="door", action="store_const", const="http", help="MCP, REST and the metrics over HTTP"
    )
    parser.set_defaults(door="stdio")
    parser.add_argument("--host", metavar="ADDRESS", help="with --http; 127.0.0.1 unless told; others demand a token")
    parser.add_argument("--port", metavar="N", type=_port, help="with --http; 8000 unless told")


def _cache(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=_Parser)
    stats = actions.add_parser("stats", help="what was asked for and what is kept", allow_abbrev=False)
    stats.set_defaults(action="stats")
    _json_flag(stats)
    clear = actions.add_parser("clear", help="drop every cached result", allow_abbrev=False)
    clear.set_defaults(action="clear")
    backup = actions.add_parser("backup", help="copy the file, also while a server uses it", allow_abbrev=False)
    backup.set_defaults(action="backup")
    backup.add_argument("file", metavar="FILE", help="where to; replaced whole")


_BATCH = """\
Read every picture of a folder and its subfolders.  Each result lies beside its picture, or under --out in
the same tree of folders.  Pictures whose result is newer than they are, are left alone, so a run that was cut
short goes on where it stopped.
"""


def _batch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="where the pictures are")
    _reading(parser)
    parser.add_argument("--out", metavar="DIR", help="write into this folder instead")
    parser.add_argument("--force", action="store_true", help="read also pictures whose result is up to date")


_BENCH = """\
Read every picture of a folder whose true graph is known and tell how right the graphs found are: F1 of nodes and edges
and more (docs/benchmarks.md), time, memory, and how far the confidences hold.  The truth of NAME.png is NAME.json, as
`--to json` writes it, or NAME.mmd, NAME.puml or another source beside it, or the source that the picture's own file
carries, as draw.io's exports do.  A table INDEX.tsv in the folder, with a column id, may say what the pictures are;
without it, `bucket` is the diagram's kind and `language` that of its letters.
"""


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="pictures with their truths")
    parser.add_argument(
        "--engine", metavar="NAME", default="embedded", help="auto, or one listed by `diagrasp engines` (embedded)"
    )
    parser.add_argument("--found", metavar="DIR", help="read nothing; judge the NAME.json of this folder")
    parser.add_argument("--out", metavar="DIR", help="keep the graphs found there, and a page that shows them")
    parser.add_argument(
        "--by", metavar="COLUMNS", type=_names, default=["bucket", "language"], help="tables to print (bucket,language)"
    )
    parser.add_argument(
        "--only", metavar="COLUMN=VALUE", type=_only, default=[],
        help="these pictures alone, e.g. bucket=bpmn|state,hand_drawn=0",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", metavar="N", type=_positive, default=1, help="pictures at a time (1: times are right)"
    )
    parser.add_argument("--worst", metavar="N", type=_positive, default=0, help="list the N worst pictures")
    parser.add_argument("--lang", metavar="CODES", type=_codes, help="languages of the labels, likeliest first")
    _json_flag(parser)
    _options(parser, "an option of the engine (see `diagrasp engines`); may be repeated")


def _json_flag(parser: argparse.ArgumentParser, **defaults: str) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(**defaults)


def _number(text: str, low: int, high: int | None, what: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if number < low or (high is not None and number > high):
        raise argparse.ArgumentTypeError(f"{text!r} is no {what}")
    return number


def _positive(text: str) -> int:
    return _number(text, 1, None, "number from 1 on")


def _port(text: str) -> int:
    return _number(text, 0, 65535, "port")


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(code.strip().lower() for code in text.split(",") if code.strip())
    if not codes or not all(code.isascii() and code.isalpha() and len(code) in (2, 3) for code in codes):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of language codes such as ru,en")
    return codes


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _only(text: str) -> list[tuple[str, str]]:
    return [_pair(part) for part in _names(text)]


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip(), value
