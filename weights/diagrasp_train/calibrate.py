"""`python -m diagrasp_train.calibrate FOLDER...`: make the table by which the embedded engine rates what it finds.

The folders hold generated pictures with their truths.  The engine reads them, what it finds is judged by the
benchmark's metric, and logistic regressions with a little ridge learn from that what each sign is worth (J. Platt,
"Probabilistic outputs for support vector machines", 1999, with more signs than one).  Errors are told as they are for
pictures that the weights have not seen, by cross-validation over pictures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from diagrasp.bench.calibration import expected_error, reliability
from diagrasp.bench.cases import Case, load_cases
from diagrasp.bench.metric import mark
from diagrasp.bench.truths import Truths
from diagrasp.engines.embedded.graph import confidence
from diagrasp.engines.embedded.graph.confidence import diagram_signs, edge_signs, logistic, node_signs
from diagrasp.engines.embedded.graph.evidence import Evidence, Signs
from diagrasp.model import Diagram

TARGET = Path(confidence.__file__).with_name(confidence.TABLE)
FOLDS = 5
RIDGE = 2.0
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """An element: the picture it is of, its signs, and whether (or, of a diagram, how far) it is right."""

    picture: int
    signs: Signs
    right: float


def find(case: Case) -> tuple[Diagram, Evidence]:
    """What the engine finds in a picture, with its stages' own confidences, and what the graph does not tell."""
    import cv2

    from diagrasp.engines.embedded.graph.assemble import assemble
    from diagrasp.engines.embedded.picture.canvas import without_dots
    from diagrasp.engines.embedded.picture.upright import upright
    from diagrasp.engines.embedded.reading import load_reader
    from diagrasp.engines.embedded.scene import understand
    from diagrasp.images import load_picture

    cv2.setNumThreads(1)
    data = case.picture.read_bytes()
    picture = load_picture(data, name=case.name, max_bytes=len(data), max_pixels=200_000_000)
    pixels, _ = upright(without_dots(picture.pixels))
    return assemble(understand(pixels), pixels, load_reader())


def weigh(signs: Sequence[Signs], weights: Mapping[str, float]) -> list[float]:
    """The chances that the weights give."""
    return [logistic(sum(weights.get(name, 0.0) * value for name, value in each.items())) for each in signs]


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """Weights by maximum likelihood with a ridge on all but the constant, by Newton's method."""
    names = list(examples[0].signs)
    x = np.array([[each.signs[name] for name in names] for each in examples])
    y = np.array([each.right for each in examples])
    ridge = np.diag([0.0 if name == "one" else RIDGE for name in names])
    w: Vector = np.zeros(len(names))
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        curvature = (x.T * (p * (1 - p) + 1e-6)) @ x + ridge + 1e-9 * np.eye(len(names))
        step = np.linalg.solve(curvature, x.T @ (y - p) - ridge @ w)
        w += step * min(1.0, 5 / max(1e-9, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-7:
            break
    return {name: round(float(value), 3) for name, value in zip(names, w, strict=True)}


def held_out(examples: Sequence[Example]) -> list[tuple[float, float]]:
    """Confidence and rightness of every element, by weights that have not seen its picture."""
    pairs: list[tuple[float, float]] = []
    for fold in range(FOLDS):
        weights = fit([e for e in examples if e.picture % FOLDS != fold])
        unseen = [e for e in examples if e.picture % FOLDS == fold]
        pairs += zip(weigh([e.signs for e in unseen], weights), (e.right for e in unseen), strict=True)
    return pairs


def learn(cases: Sequence[Case], found: Sequence[tuple[Diagram, Evidence]]) -> dict[str, object]:
    """The table: weights of nodes, of edges, then of diagrams whose elements they rate; and how good they are."""
    marks = [mark(case.truth, diagram) for case, (diagram, _) in zip(cases, found, strict=True)]
    # Sequence diagrams keep their own estimates (`confidence.rate`): their messages end far from the heads.
    seen = [
        (k, d, m) for k, ((d, _), m) in enumerate(zip(found, marks, strict=True)) if d.nodes and d.kind != "sequence"
    ]
    table: dict[str, object] = {}
    errors: dict[str, float | None] = {}

    def add(what: str, examples: list[Example]) -> dict[str, float]:
        weights = fit(examples)
        pairs = held_out(examples)
        brier = float(np.mean([(p - r) ** 2 for p, r in pairs]))
        error = expected_error(reliability(pairs))
        errors[what] = None if error is None else round(error, 3)
        right = float(np.mean([e.right for e in examples]))
        print(f"{what}: {len(examples)} examples, {right:.3f} right, held out ECE {error:.3f}, Brier {brier:.3f}")
        table[what] = weights
        return weights

    signs = {k: node_signs(d, found[k][1]) for k, d, _ in seen}
    weights = add("node", [Example(k, signs[k][n.id], float(n.id in m.nodes)) for k, d, m in seen for n in d.nodes])
    chances = {k: dict(zip(each, weigh(list(each.values()), weights), strict=True)) for k, each in signs.items()}
    edges = {k: edge_signs(d, chances[k], found[k][1]) for k, d, _ in seen}
    sure = add(
        "edge",
        [
            Example(k, edges[k][e.id], float(e.id in m.labelled))
            for k, d, m in seen
            for e in d.edges
            if e.id in m.scored
        ],
    )
    whole = []
    for k, d, m in seen:
        rates = dict(zip(edges[k], weigh(list(edges[k].values()), sure), strict=True))
        rated = d.replace(
            nodes=tuple(n.replace(confidence=chances[k][n.id]) for n in d.nodes),
            edges=tuple(e.replace(confidence=rates[e.id]) for e in d.edges),
        )
        whole.append(Example(k, diagram_signs(rated, found[k][1]), m.share(cases[k].truth, d)))
    add("diagram", whole)
    return {
        "made_by": "python -m diagrasp_train.calibrate",
        "pictures": len(cases),
        "held_out_ece": errors,
        **table,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the pictures, learn, write the table."""
    parser = argparse.ArgumentParser(prog="python -m diagrasp_train.calibrate", description=__doc__)
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path, help="generated pictures with truths")
    parser.add_argument("--out", type=Path, default=TARGET, help="the table (the engine's own)")
    parser.add_argument("--jobs", type=int, default=2, help="pictures read at a time (default %(default)s)")
    options = parser.parse_args(arguments)
    cases = [case for folder in options.folders for case in load_cases(folder, Truths())]
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(tqdm(pool.map(find, cases), total=len(cases), unit="picture", file=sys.stderr))
    table = learn(cases, found)
    options.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
