"""`python -m diagrasp_train.generate`: draw random processes and write down the truth."""

from __future__ import annotations

import argparse
import csv
import random
import sys
from pathlib import Path

from diagrasp_train.generate.browser import Browser, RenderError
from diagrasp_train.generate.looks import MODELLERS
from diagrasp_train.generate.nested import NESTED
from diagrasp_train.generate.styles import RENDERERS, Picture, Workshop

COLUMNS = ("id", "bucket", "kind", "renderer", "language", "hand_drawn", "nodes", "edges", "lanes", "size", "seed")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    out = argparse.ArgumentParser(prog="python -m diagrasp_train.generate", description=__doc__)
    out.add_argument("out", type=Path, help="folder for NAME.png, NAME.json, src/NAME.* and INDEX.tsv")
    out.add_argument("--count", type=int, default=60, help="pictures in all (default %(default)s)")
    out.add_argument("--seed", type=int, default=1, help="of the first picture; each has its own (default %(default)s)")
    out.add_argument(
        "--renderers",
        default=",".join(RENDERERS),
        help=f"comma-separated, of these and {', '.join(NESTED | MODELLERS)} (default %(default)s)",
    )
    out.add_argument("--languages", default="ru,en", help="comma-separated (default %(default)s)")
    out.add_argument("--steps", default="4-14", help="about so many steps a process (default %(default)s)")
    out.add_argument("--degrade", type=float, default=0.0, help="share that is degraded as life does it (default none)")
    out.add_argument("--clutter", type=float, default=0.0, help="share with things around or over it (default none)")
    out.add_argument("--tools", type=Path, default=Path("tools/render_examples"), help="the drawing tools' folder")
    return out


def main(arguments: list[str] | None = None) -> int:
    """Draw; a picture that a tool refuses is reported and left out."""
    options = parser().parse_args(arguments)
    every = RENDERERS | NESTED | MODELLERS
    chosen = [name for name in options.renderers.split(",") if name]
    if unknown := [name for name in chosen if name not in every]:
        print(f"no renderer {unknown[0]!r}; there are {', '.join(every)}", file=sys.stderr)
        return 2
    low, _, high = options.steps.partition("-")
    languages = options.languages.split(",")
    (options.out / "src").mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    failed = 0
    with Browser(options.tools) as browser:
        shop = Workshop(
            browser, options.out, options.tools, (int(low), int(high or low)), options.degrade, options.clutter
        )
        for k in range(options.count):
            seed, name = options.seed + k, chosen[k % len(chosen)]
            rng = random.Random(f"{seed} {name}")
            language = languages[(k // len(chosen)) % len(languages)]
            id = f"{name}_{seed:05d}"
            try:
                picture = every[name](shop, rng, language, options.out / f"{id}.png")
            except RenderError as error:
                failed += 1
                print(f"{id}: {error}", file=sys.stderr)
                continue
            rows.append(_keep(options.out, id, picture, language, seed))
    with (options.out / "INDEX.tsv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    print(f"{len(rows)} pictures in {options.out}, {failed} refused")
    return 0 if rows else 1


def _keep(out: Path, id: str, picture: Picture, language: str, seed: int) -> dict[str, object]:
    truth = picture.truth
    (out / f"{id}.json").write_text(truth.to_json() + "\n", encoding="utf-8")
    (out / "src" / f"{id}{picture.suffix}").write_text(picture.source, encoding="utf-8")
    return {
        "id": id, "bucket": picture.bucket, "kind": truth.kind, "renderer": picture.renderer, "language": language,
        "hand_drawn": int(picture.hand_drawn), "nodes": len(truth.nodes), "edges": len(truth.edges),
        "lanes": sum(g.kind == "lane" for g in truth.groups), "size": "x".join(map(str, picture.size)), "seed": seed,
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
