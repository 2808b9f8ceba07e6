"""The figures of the benchmark live in `diagrasp.bench.metric`; `diagrasp bench DIR --found FOUND` prints them."""

from diagrasp.bench.metric import Score, score

__all__ = ["Score", "score"]
