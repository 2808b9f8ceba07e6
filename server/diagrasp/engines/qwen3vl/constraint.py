"""The guide as a logits processor, and the token that stops generation: the two hooks into `generate`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from transformers import LogitsProcessor, StoppingCriteria

from diagrasp.engines.qwen3vl.guide import Guide, Point

TELLING: Final = 0.05
"""Seconds between two words on how far an answer has come; people see no more, and each costs a little."""


class Row:
    """One answer under way: its tokens, the guide's point after each, and how sure the model was of each."""

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self._points: list[Point] = [guide.start()]
        self.tokens: list[int] = []
        self.shares: list[float] = []

    @property
    def point(self) -> Point:
        return self._points[-1]

    def ended(self, tokens: list[int]) -> bool:
        """Whether `tokens` go on from a complete answer."""
        return self.point.over and tokens[: len(self.tokens)] == self.tokens

    def follow(self, tokens: list[int]) -> Point:
        """Bring the guide to the end of `tokens`, going back where they differ from those seen before.

        Raises:
            ValueError: the guide does not allow them.
        """
        same = len(self.tokens)
        if tokens[:same] != self.tokens:  # a draft's tokens were refused
            pairs = zip(self.tokens, tokens, strict=False)
            same = next((i for i, pair in enumerate(pairs) if pair[0] != pair[1]), len(tokens))
        del self.tokens[same:], self._points[same + 1 :]
        for token in tokens[same:]:
            self._points.append(self._guide.after(self._points[-1], token))
            self.tokens.append(token)
        return self._points[-1]


class Constraint(LogitsProcessor):
    """Lets only the guide's tokens through.

    Args:
        guide: of the vocabulary and the answer's length.
        rows: how many answers are generated side by side.
        prompt: tokens before the answers.
        finished: whether a row is over, however it came to be.
    """

    def __init__(self, guide: Guide, rows: int, prompt: int, finished: Callable[[int], bool]) -> None:
        self.rows = [Row(guide) for _ in range(rows)]
        self._guide, self._prompt, self._finished = guide, prompt, finished
        self._stop = int(guide.stop)
        self._sent: dict[int, tuple[Any, torch.Tensor]] = {}

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        masked = torch.full_like(scores, float("-inf"))
        said = input_ids[:, self._prompt :].tolist()
        for i, row in enumerate(self.rows):
            if self._finished(i) or row.ended(said[i]):
                masked[i, self._stop] = 0.0  # nobody reads what follows
                continue
            del row.shares[len(said[i]) :]
            try:
                point = row.follow(said[i])
            except ValueError:  # a draft's tokens past one that was refused: nobody reads this either
                masked[i, self._stop] = 0.0
                row.shares.append(0.0)
                continue
            ids = self._ids(self._guide.allowed(point), scores.device)
            chosen = scores[i, ids]
            masked[i, ids] = chosen
            row.shares.append(float(torch.softmax(chosen.float(), -1).max()) if len(ids) > 1 else 1.0)
        return masked

    def _ids(self, allowed: Any, device: torch.device) -> torch.Tensor:
        known = self._sent.get(id(allowed))
        if known is not None and known[0] is allowed:
            return known[1]
        if len(self._sent) > 256:
            self._sent.clear()
        found = torch.from_numpy(allowed).to(device)
        self._sent[id(allowed)] = (allowed, found)
        return found


class Watch(StoppingCriteria):
    """Stops rows that were cancelled or ran out of time, and tells how far each has come.

    Args:
        cancelled: one question a row, asked at each token.
        told: one listener a row, called with the tokens so far, at most once in `TELLING` seconds.
        prompt: tokens before the answers.
        deadline: of `time.monotonic`.
    """

    def __init__(
        self,
        cancelled: Sequence[Callable[[], bool]],
        told: Sequence[Callable[[int], None]],
        prompt: int,
        deadline: float,
    ) -> None:
        self._cancelled, self._told, self._prompt, self._deadline = cancelled, told, prompt, deadline
        self.stopped = [False] * len(cancelled)
        self.first: float | None = None
        self.late = False
        self._next = 0.0
        self._nobody: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        now = time.monotonic()
        self.first = self.first or now
        self.late = self.late or now > self._deadline
        for i, cancelled in enumerate(self._cancelled):
            self.stopped[i] = self.stopped[i] or self.late or cancelled()
        if now >= self._next:
            self._next = now + TELLING
            for told, stopped in zip(self._told, self.stopped, strict=True):
                if not stopped:
                    told(input_ids.shape[1] - self._prompt)
        if any(self.stopped):
            return torch.tensor(self.stopped, dtype=torch.bool, device=input_ids.device)
        if self._nobody is None:
            self._nobody = torch.zeros(len(self.stopped), dtype=torch.bool, device=input_ids.device)
        return self._nobody
