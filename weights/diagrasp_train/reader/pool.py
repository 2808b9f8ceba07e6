"""Training lines made in processes of their own, so that drawing never waits for the net nor the net for drawing."""

from __future__ import annotations

import multiprocessing as mp
import os
import random
from collections.abc import Iterator
from multiprocessing.queues import Queue
from queue import Full
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from diagrasp.engines.embedded.reading.prepare import HEIGHT
from diagrasp_train.reader.render import Line, Renderer

SHARD: Final = 2048
"""Lines handed over at once."""
STEP: Final = 32
"""Padded widths are multiples of this, as in reading."""

Batch = tuple[NDArray[np.uint8], list[str]]


def _produce(queue: Queue[list[tuple[bytes, int, str]]], seed: int, manner: dict[str, Any]) -> None:
    cv2.setNumThreads(1)
    renderer = Renderer(seed, junk=0.008, **manner)
    parent = os.getppid()
    while True:
        lines = (renderer.line() for _ in range(SHARD))
        shard = [(line.picture.tobytes(), line.picture.shape[1], line.text) for line in lines]
        while True:
            if os.getppid() != parent:  # a killed trainer takes its helpers with it
                return
            try:
                queue.put(shard, timeout=5)
                break
            except Full:
                continue


def pad(lines: list[Line]) -> Batch:
    """White to the right up to the widest line's multiple of STEP: (B, HEIGHT, W) uint8 and the texts."""
    width = -(-max(line.picture.shape[1] for line in lines) // STEP) * STEP
    pictures = np.full((len(lines), HEIGHT, width), 255, np.uint8)
    for row, line in zip(pictures, lines, strict=True):
        row[:, : line.picture.shape[1]] = line.picture
    return pictures, [line.text for line in lines]


class Pool:
    """Batches of lines of like width. Each line is shown `reuse` times, then replaced by a new one."""

    def __init__(
        self,
        seed: int,
        *,
        processes: int = 1,
        reuse: int = 2,
        pixels: int = 8192,
        **manner: Any,
    ) -> None:
        """`manner`: how `Renderer` draws."""
        context = mp.get_context("spawn")
        self._queue: Queue[list[tuple[bytes, int, str]]] = context.Queue(maxsize=3)
        self._workers = [
            context.Process(target=_produce, args=(self._queue, seed * 1000 + i, manner), daemon=True)
            for i in range(processes)
        ]
        for worker in self._workers:
            worker.start()
        self._reuse, self._pixels = reuse, pixels
        self._rng = random.Random(seed)

    def _shard(self) -> list[Line]:
        return [
            Line(np.frombuffer(data, np.uint8).reshape(HEIGHT, width), text) for data, width, text in self._queue.get()
        ]

    def batches(self) -> Iterator[Batch]:
        """Endless. A batch holds about `pixels` columns in all, at least 8 lines."""
        shards = [self._shard()]
        while True:
            if len(shards) == self._reuse:
                shards.pop(0)
            shards.append(self._shard())
            lines = [line for shard in shards for line in shard]
            # Sorting by width with a little jitter groups like widths without making the same batches each time.
            lines.sort(key=lambda line: line.picture.shape[1] * self._rng.uniform(0.95, 1.05))
            groups: list[list[Line]] = [[]]
            for line in lines:
                if len(groups[-1]) >= 8 and (len(groups[-1]) + 1) * line.picture.shape[1] > self._pixels:
                    groups.append([])
                groups[-1].append(line)
            self._rng.shuffle(groups)
            for group in groups:
                yield pad(group)

    def close(self) -> None:
        for worker in self._workers:
            worker.terminate()
