"""Stored bytes → JSON for streams of values: in order, on all cores, each failure in the place of its value.

Threads help because the compiled engine writes whole batches without the GIL. With the readable engine they would not,
and none is started.
"""

from __future__ import annotations

from codec import twin
from codec.errors import CodecError
from codec.storage import by_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from typing import TypeAlias

    # A value, and its JSON where the compiled engine answered.
    Pairs: TypeAlias = Generator[tuple[bytes, bytes | None], None, None]

# One batch is so long that handing it over costs little beside converting it, and so short that its text stays near the
# core. It ends with the first of these.
BATCH_VALUES = 512
BATCH_BYTES = 256 * 1024
# Batches for each thread that are read ahead of the results.
AHEAD = 3


def storage_to_json_many(
    values: Iterable[bytes], threads: int | None = None
) -> Generator[bytes | CodecError, None, None]:
    """Stored values → for each its JSON as `storage_to_json` gives it, or the CodecError that it raises, in order.

    An error is a result beside the others, never raised, and carries no traceback:

        for raw, found in zip(values, codec.storage_to_json_many(values)):
            if isinstance(found, codec.CodecError):
                ...

    threads: how many convert at the same time; by default one for each core that this process may use, 1 for none but
    the caller's own. With more than one, `values` is read ahead of the results, by at most 3 × threads batches of up to
    512 values or 256 KiB; with 1 it is not. `values` itself is only ever read in the caller's thread. What it raises is
    raised after the results of the values before. The threads end when they are out of work, or the iterator is closed.
    """
    if isinstance(values, (bytes, bytearray, memoryview, str)):
        raise TypeError("values is an iterable of stored values, not one value")
    if threads is None:
        threads = cores()
    elif threads < 1:
        raise ValueError(f"threads is at least 1, not {threads}")
    return _settled(_one_by_one(values) if twin is None or threads == 1 else _in_parallel(values, threads))


def cores() -> int:
    """How many cores this process may use."""
    try:
        from os import process_cpu_count  # type: ignore[attr-defined,unused-ignore]  # from Python 3.13 on
    except ImportError:
        from os import cpu_count

        try:
            from os import sched_getaffinity
        except ImportError:  # where no process can be bound to cores
            return cpu_count() or 1
        return len(sched_getaffinity(0))
    return process_cpu_count() or 1


def _settled(pairs: Pairs) -> Generator[bytes | CodecError, None, None]:
    """What the compiled engine left is converted here, in the caller's thread, so that warnings name the caller."""
    try:
        for value, answer in pairs:
            found: bytes | CodecError | None = answer
            if found is None:
                try:
                    found = by_tree.to_json(value, 0, "")
                except CodecError as error:
                    found = error
                if isinstance(found, CodecError):
                    # The frames of a traceback would hold the value, and all that was made of it.
                    found.__traceback__ = found.__context__ = None
            yield found
    finally:
        pairs.close()


def _one_by_one(values: Iterable[bytes]) -> Pairs:
    if twin is None:
        return ((value, None) for value in values)
    convert = twin.storage_to_json
    return ((value, convert(value)) for value in values)


class _Batch:
    """Values that one thread converts at once. `finished` is locked until then."""

    __slots__ = ("failure", "finished", "results", "values")

    def __init__(self) -> None:
        from _thread import allocate_lock

        self.values: list[bytes] = []
        self.results: list[bytes | None] = []
        self.failure: BaseException | None = None
        self.finished = allocate_lock()
        self.finished.acquire()

    def fill(self, source: Iterator[bytes]) -> bool:
        """Takes values from the source; whether it may have more."""
        room = BATCH_BYTES
        for value in source:
            self.values.append(value)
            room -= len(value) if type(value) is bytes else 0
            if room <= 0 or len(self.values) == BATCH_VALUES:
                return True
        return False

    def convert(self) -> None:
        assert twin is not None
        try:
            self.results = twin.storage_to_json_batch(self.values)
        except BaseException as error:  # a MemoryError; it is raised where the results are waited for
            self.failure = error
        self.finished.release()


class _Workers:
    """Threads that convert batches beside the caller's. One is started when there is work, and ends when there is none.

    So nothing has to be told to end: not when the iterator is left half-way, not when the interpreter exits. All is
    shared in two deques, whose operations are atomic, and no lock is held: the iterator may be closed by the garbage
    collector in any thread, in the middle of anything.
    """

    def __init__(self, threads: int) -> None:
        from collections import deque
        from threading import Thread

        self._new_thread = Thread
        self._waiting: deque[_Batch] = deque()
        self._permits = deque(range(1, threads))  # a thread runs for each that is missing
        self._started: list[Thread] = []

    def add(self, batch: _Batch) -> None:
        self._waiting.append(batch)
        try:
            permit = self._permits.popleft()
        except IndexError:
            return
        self._started = [thread for thread in self._started if thread.is_alive()]
        thread = self._new_thread(target=self._run, args=(permit,), name=f"storage_to_json_many-{permit}")
        try:
            thread.start()
        except RuntimeError:  # no more threads are to be had
            self._run(permit)
        else:
            self._started.append(thread)

    def _run(self, permit: int) -> None:
        while True:
            try:
                batch = self._waiting.popleft()
            except IndexError:
                # Whoever adds a batch from here on finds the permit; one that was added before is seen below.
                self._permits.append(permit)
                if not self._waiting:
                    return
                try:
                    permit = self._permits.popleft()
                except IndexError:
                    return
                continue
            batch.convert()

    def wait_for(self, batch: _Batch) -> None:
        """Converts in this thread too, until the batch is done."""
        while batch.finished.locked():
            try:
                other = self._waiting.popleft()
            except IndexError:
                batch.finished.acquire()
                return
            other.convert()

    def end(self) -> None:
        """Drops what no thread has begun, and waits for the rest."""
        from threading import current_thread

        self._waiting.clear()
        for thread in self._started:
            if thread is not current_thread():
                thread.join()


def _in_parallel(values: Iterable[bytes], threads: int) -> Pairs:
    from collections import deque

    from codec.schema import builtin

    builtin()  # loaded once, before many ask for it
    source = iter(values)
    ahead: deque[_Batch] = deque()
    failure: Exception | None = None
    more = True
    workers = _Workers(threads)
    try:
        while True:
            while more and len(ahead) < AHEAD * threads:
                batch = _Batch()
                try:
                    more = batch.fill(source)
                except Exception as error:
                    failure, more = error, False
                if more or ahead:
                    workers.add(batch)
                else:
                    batch.convert()  # the only one: not worth a thread
                ahead.append(batch)
            if not ahead:
                break
            batch = ahead.popleft()
            workers.wait_for(batch)
            if batch.failure is not None:
                raise batch.failure
            yield from zip(batch.values, batch.results, strict=True)
        if failure is not None:
            raise failure
    finally:
        workers.end()
