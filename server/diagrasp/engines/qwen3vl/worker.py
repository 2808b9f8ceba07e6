"""One model, many requests: a thread that owns the weights and answers what waits in a bounded queue.

The thread is started by the first request and loads the weights then.  Requests that wait are answered side by side
where they can be; one with a draft runs alone, for transformers verifies drafts one at a time.  Whoever gives up is
freed at once, and the thread drops the work at its next token.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from diagrasp.engines.qwen3vl.config import Config
from diagrasp.engines.qwen3vl.speed import Measured, keep, recall, speed_key
from diagrasp.errors import EngineError, EngineUnavailable, Overloaded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)
_IDLE: Final = 0.005
"""Seconds to wait for jobs that are announced before an answer is begun without them."""
_MOMENT: Final = 0.0005
"""Seconds between two looks at whether there are such."""


@dataclass(slots=True, eq=False)
class Job:
    """A picture to be told.

    Attributes:
        pixels: (H, W, 3) RGB.
        draft: another engine's answer, for the prompt.
        plain: whether adapters are to be left aside.
        adapter: the name of the one to be used; empty for the first.
        letters: the height of the picture's letters in pixels, where it was measured on a larger picture; else None.
        progress: called from the thread with the tokens so far, now and then.
        future: where the outcome goes; cancelling it stops the work.
        abandoned: set by whoever no longer waits.
    """

    pixels: NDArray[np.uint8]
    draft: str = ""
    plain: bool = False
    adapter: str = ""
    letters: float | None = None
    progress: Callable[[int], None] = lambda _: None
    future: Future[Told] = field(default_factory=lambda: Future[Told]())
    abandoned: threading.Event = field(default_factory=threading.Event)

    @property
    def dropped(self) -> bool:
        return self.abandoned.is_set() or self.future.cancelled()


@dataclass(frozen=True, slots=True)
class Told:
    """What the model said of a picture.

    Attributes:
        text: the answer, of the grammar.
        shares: for each line of it, the least probability that one of its tokens had.
        shortened: lines cut because they ran in circles or grew too long.
        prompt, tokens: how long prompt and answer are, in tokens.
        letters: the letters' height in the picture as shown, in pixels; 0 where unknown.
        legible: whether they could be read at that size.
        shrunk: whether memory ran out and the picture was shown smaller.
        prefill, seconds: until the first token, and in all.
        model: what ran, for people.
    """

    text: str
    shares: tuple[float, ...]
    shortened: int
    prompt: int
    tokens: int
    letters: float
    legible: bool
    shrunk: bool
    prefill: float
    seconds: float
    model: str = ""


@dataclass(slots=True)
class Statistics:
    """What the worker has done so far.

    Attributes:
        load_seconds: of the last load (the cold start).
        loads, unloads: how often the weights came and went.
        answers, tokens: told so far.
        prompts: tokens of the prompts, pictures included.
        seconds, prefill: of generating in all, and until the first token of each batch.
        memory: bytes that weights and the largest answer took; 0 where not known.
    """

    load_seconds: float = 0.0
    loads: int = 0
    unloads: int = 0
    answers: int = 0
    tokens: int = 0
    prompts: int = 0
    seconds: float = 0.0
    prefill: float = 0.0
    memory: int = 0

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0


class Worker:
    """Owns the model and the thread.

    Args:
        config: what to load, and how many requests may wait.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._jobs: queue.Queue[Job | None] = queue.Queue(config.queue + 1)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._coming = self._noted = 0
        self._generator: Any = None
        self.statistics = Statistics()

    @property
    def loaded(self) -> bool:
        return self._generator is not None

    @contextlib.contextmanager
    def announced(self) -> Iterator[None]:
        """While it lasts a job is being prepared, so that one that is ready may wait a moment to be told beside it."""
        with self._lock:
            self._coming += 1
        try:
            yield
        finally:
            with self._lock:
                self._coming -= 1

    def submit(self, job: Job) -> Future[Told]:
        """Queue a job.

        Raises:
            Overloaded: as many wait as the settings allow.
            EngineUnavailable: the worker was closed.
        """
        with self._lock:
            if self._closed:
                raise EngineUnavailable("the engine qwen3-vl was closed")
            try:
                self._jobs.put_nowait(job)
            except queue.Full:
                raise Overloaded(
                    f"{self._config.queue} pictures wait for the vision model already; try again later",
                    retry_after=max(1.0, self._seconds_each()),
                ) from None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="diagrasp-qwen3vl", daemon=True)
                self._thread.start()
        return job.future

    def close(self) -> None:
        """Drop what waits, stop what runs at its next token, let go of the model.  Returns when the thread is over."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is None:
            return
        self._empty()
        self._jobs.put(None)
        generator = self._generator
        if generator is not None:
            generator.stop()
        thread.join()

    def _empty(self) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job.future.cancel()

    def _seconds_each(self) -> float:
        done = self.statistics
        return done.seconds / done.answers if done.answers else 10.0

    def _run(self) -> None:
        waiting: list[Job] = []
        try:
            while self._serve(waiting):
                pass
        except BaseException as error:  # whatever it was, nobody may wait for ever
            log.exception("the vision model's thread failed")
            with self._lock:
                self._thread = None  # the next request starts it anew
            for job in waiting:
                _fail(job, EngineError(f"the vision model failed: {type(error).__name__}: {error}"))
            self._empty()
        else:
            for job in waiting:
                job.future.cancel()
            self._empty()
        self._generator = None

    def _serve(self, waiting: list[Job]) -> bool:
        """Answer the next batch; whether to go on."""
        if not waiting:
            first = self._next()
            if first is None:
                return False
            waiting.append(first)
        try:
            generator = self._ready()
        except Exception as error:  # nobody but the caller can do anything about it
            for job in waiting:
                _fail(job, error)
            waiting.clear()
            return True
        ended = self._gather(waiting, generator.batch)
        waiting[:] = [job for job in waiting if not _given_up(job)]
        batch = _together(waiting, generator.batch)
        if batch:
            self._answer(generator, batch)
        waiting[:] = [job for job in waiting if job not in batch]
        return not ended

    def _next(self) -> Job | None:
        """The next job, None at the end.  Where none comes for long enough, the weights are let go meanwhile."""
        if self._config.idle and self._generator is not None:
            try:
                return self._jobs.get(timeout=self._config.idle)
            except queue.Empty:
                log.info("idle for %g s: the vision model is unloaded", self._config.idle)
                generator, self._generator = self._generator, None
                generator.unload()
                self.statistics.unloads += 1
        return self._jobs.get()

    def _gather(self, waiting: list[Job], most: int) -> bool:
        """Take what waits or is announced, up to a batch; whether the worker was closed.  Nobody waits for nobody."""
        until = time.monotonic() + _IDLE
        while len(waiting) < most:
            awaited = self._coming > 0 and time.monotonic() < until
            try:
                job = self._jobs.get(timeout=_MOMENT) if awaited else self._jobs.get_nowait()
            except queue.Empty:
                if not awaited:
                    return False
                continue
            if job is None:
                return True
            waiting.append(job)
        return False

    def _ready(self) -> Any:
        if self._generator is None:
            try:
                from diagrasp.engines.qwen3vl.generation import Generator
            except ImportError as error:
                raise EngineUnavailable(
                    f"the engine qwen3-vl needs the extra vlm ({error.name} is missing): pip install 'diagrasp[vlm]'"
                ) from error
            self._generator = Generator(self._config)
            self.statistics.load_seconds = self._generator.loaded.seconds
            self.statistics.loads += 1
        return self._generator

    def _answer(self, generator: Any, batch: list[Job]) -> None:
        started = time.monotonic()
        try:
            outcomes = generator.tell(batch)
        except Exception as error:
            if not isinstance(error, EngineError):
                log.exception("generation failed")
                error = EngineError(f"the vision model failed: {type(error).__name__}: {error}")
            for job in batch:
                _fail(job, error)
            return
        self._count(generator, [each for each in outcomes if isinstance(each, Told)], time.monotonic() - started)
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Told):
                _finish(job, outcome)
            else:
                _fail(job, outcome)

    def _count(self, generator: Any, told: list[Told], seconds: float) -> None:
        done = self.statistics
        done.seconds += seconds
        done.memory = max(done.memory, generator.memory())
        if told:
            done.prefill += told[0].prefill
            done.prompts += sum(each.prompt for each in told)
            done.answers += len(told)
            done.tokens += sum(each.tokens for each in told)
            if done.answers >= 1.2 * self._noted:  # a file is not written for every answer
                self._noted = done.answers
                keep(self._config.notes, speed_key(self._config), self.measured)

    @property
    def measured(self) -> Measured | None:
        """The speed so far, or what was written down of it before; None where neither is."""
        done = self.statistics
        telling = done.seconds - done.prefill
        if not done.answers or telling <= 0 or done.prefill <= 0:
            return recall(self._config.notes, speed_key(self._config))
        return Measured(
            done.load_seconds, done.tokens / telling, done.prompts / done.prefill, done.memory, done.answers
        )


def _together(waiting: list[Job], most: int) -> list[Job]:
    """The first job and what can run beside it: no drafts, the same weights."""
    if not waiting or waiting[0].draft:
        return waiting[:1]
    weights = (waiting[0].plain, waiting[0].adapter)
    return [job for job in waiting if not job.draft and (job.plain, job.adapter) == weights][:most]


def _given_up(job: Job) -> bool:
    if job.abandoned.is_set():
        job.future.cancel()
    return job.future.cancelled()


def _finish(job: Job, told: Told) -> None:
    try:
        job.future.set_result(told)
    except InvalidStateError:  # cancelled meanwhile
        return


def _fail(job: Job, error: BaseException | None) -> None:
    try:
        if error is None:
            job.future.cancel()
        else:
            job.future.set_exception(error)
    except InvalidStateError:
        return
