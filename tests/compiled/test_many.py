"""storage_to_json_many: order, failures beside their values, bounded reading ahead, and threads that end."""

from __future__ import annotations

import contextlib
import gc
import itertools
import subprocess
import sys
import threading
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from compiled.agreement import ReadableAlone, captured, daily, golden, needs_twin

import codec
from codec.storage import many, wrap

DAILY = dict(daily())
POD = DAILY["core.v1.Pod"]
SOURCE = str(Path(codec.__file__).resolve().parents[1])
STORED_AS_JSON = b'{"apiVersion":"v1","kind":"ConfigMap","nobody":"knows"}'
THREADS = (None, 1, 2, 5)


def left_running() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("storage_to_json_many")]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    for thread in left_running():
        thread.join(30)
    assert left_running() == []


def one(raw: bytes) -> bytes | codec.CodecError:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return codec.storage_to_json(raw)
        except codec.CodecError as error:
            return error


def shown(found: bytes | codec.CodecError) -> object:
    return found if isinstance(found, bytes) else (type(found), str(found))


@pytest.fixture(scope="module")
def mixed() -> tuple[list[bytes], list[object]]:
    """Golden and captured values with damaged ones in between, and what becomes of each."""
    values = [raw for _, raw in golden()][::3] + [raw for _, raw in captured()]
    for place in range(0, len(values), 7):
        values[place] = values[place][: len(values[place]) // 2]
    values[5:5] = [b"", b"\n", b"k8s:enc:aescbc:v1:key1:x", b"k8s\0", b"{}", bytes(1000)]
    return values, [shown(one(raw)) for raw in values]


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.filterwarnings("ignore::codec.UnknownFieldsWarning")
def test_results_stand_in_the_order_of_the_values(threads: int | None, mixed: tuple[list[bytes], list[object]]) -> None:
    values, wanted = mixed
    assert len(values) > 3 * many.BATCH_VALUES
    assert sum(isinstance(found, tuple) for found in wanted) > 100
    assert [shown(found) for found in codec.storage_to_json_many(iter(values), threads)] == wanted


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.filterwarnings("ignore::codec.UnknownFieldsWarning")
def test_the_readable_engine_answers_the_same(threads: int | None, mixed: tuple[list[bytes], list[object]]) -> None:
    values, wanted = mixed
    with ReadableAlone():
        assert [shown(found) for found in codec.storage_to_json_many(values[:300], threads)] == wanted[:300]
        assert left_running() == []


@pytest.mark.parametrize("threads", THREADS)
def test_nothing_and_little(threads: int | None) -> None:
    assert list(codec.storage_to_json_many([], threads)) == []
    assert list(codec.storage_to_json_many([POD], threads)) == [codec.storage_to_json(POD)]
    found = list(codec.storage_to_json_many({"a": POD, "b": b""}.values(), threads))
    assert found[0] == codec.storage_to_json(POD)
    assert isinstance(found[1], codec.DecodeError)


def test_little_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _: pytest.fail("a thread was started"))
    assert len(list(codec.storage_to_json_many([POD] * 20, 2))) == 20


@pytest.mark.parametrize("threads", THREADS)
def test_errors_hold_neither_frames_nor_other_errors(threads: int | None) -> None:
    for found in codec.storage_to_json_many([POD[:-30], b'{"apiVersion":"v1","kind":"Pod","spec":1}'], threads):
        assert isinstance(found, codec.DecodeError)
        assert found.__traceback__ is None
        assert found.__context__ is None


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("before", [0, 1, 700, 3000])
def test_an_error_of_the_values_comes_after_the_results_before_it(threads: int | None, before: int) -> None:
    def values() -> Iterator[bytes]:
        yield from itertools.repeat(POD, before)
        raise OSError("the source is gone")

    found = []
    with pytest.raises(OSError, match="the source is gone"):
        found.extend(codec.storage_to_json_many(values(), threads))
    results = codec.storage_to_json_many(values(), threads)
    found = list(itertools.islice(results, before))
    assert found == [codec.storage_to_json(POD)] * before
    with pytest.raises(OSError, match="the source is gone"):
        next(results)
    assert next(results, None) is None


def test_one_thread_reads_nothing_ahead() -> None:
    taken = itertools.count()
    results = codec.storage_to_json_many((POD for _ in taken), 1)
    for number in range(5):
        next(results)
        assert next(taken) == 2 * number + 1
    results.close()


@needs_twin
@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("size", [0, 300, 100_000])
def test_reading_ahead_is_bounded(threads: int, size: int) -> None:
    raw = codec.json_to_storage(b'{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"%s"}}' % (b"a" * size))
    taken = 0

    def values() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield raw

    results = codec.storage_to_json_many(values(), threads)
    for number in range(3000):
        next(results)
        ahead = taken - number
        assert ahead <= (many.AHEAD * threads + 1) * many.BATCH_VALUES
        assert ahead * len(raw) <= (many.AHEAD * threads + 1) * (many.BATCH_BYTES + len(raw))
        if number == 2000 and size == 100_000:
            break
    results.close()
    assert left_running() == []


@needs_twin
def test_threads_end_when_the_iterator_is_closed() -> None:
    results = codec.storage_to_json_many(itertools.repeat(POD), 3)
    next(results)
    results.close()
    assert left_running() == []
    assert next(results, None) is None


@needs_twin
def test_threads_end_when_the_loop_is_left() -> None:
    for number, _ in enumerate(codec.storage_to_json_many(itertools.repeat(POD), 3)):
        if number == 1000:
            break
    gc.collect()
    assert left_running() == []


@needs_twin
def test_threads_end_when_nobody_asks_any_more() -> None:
    results = codec.storage_to_json_many(itertools.repeat(POD), 3)
    next(results)
    for thread in left_running():
        thread.join(30)
    assert left_running() == []
    # And begin again.
    assert len(list(itertools.islice(results, 5000))) == 5000
    results.close()


@needs_twin
def test_it_works_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    values = [POD, b"", DAILY["core.v1.Secret"]] * 1000
    found = [shown(result) for result in codec.storage_to_json_many(values, 4)]
    assert found == [shown(one(raw)) for raw in values[:3]] * 1000


@needs_twin
def test_want_of_memory_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    class Poor:
        @staticmethod
        def storage_to_json_batch(_: list[bytes]) -> list[bytes | None]:
            raise MemoryError

    monkeypatch.setattr(many, "twin", Poor)
    for count in (1, 5000):
        with pytest.raises(MemoryError):
            list(codec.storage_to_json_many([POD] * count, 2))


@needs_twin
def test_a_batch_is_written_without_the_gil() -> None:
    """Another thread gets its turn while a batch is written, although it may not take it by itself."""
    assert codec.twin is not None
    values = [DAILY["core.v1.Secret"], POD] * 30_000
    codec.twin.storage_to_json_batch(values[:2])  # reads the tables, which lets go of the GIL too
    begun, ended = threading.Event(), []

    def convert() -> None:
        begun.set()
        codec.twin.storage_to_json_batch(values)
        ended.append(True)

    kept = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        thread = threading.Thread(target=convert)
        thread.start()
        begun.wait()
        assert not ended
    finally:
        sys.setswitchinterval(kept)
        thread.join()
    assert ended


@needs_twin
def test_a_batch_is_what_single_calls_give() -> None:
    assert codec.twin is not None
    values: list[object] = [raw for _, raw in golden("core*")]
    values[3:3] = [None, "text", 5, b"", bytearray(POD), POD[:-9]]
    assert codec.twin.storage_to_json_batch(values) == [codec.twin.storage_to_json(raw) for raw in values]
    assert codec.twin.storage_to_json_batch([]) == []


@needs_twin
def test_many_callers_at_once() -> None:
    values = [raw for _, raw in golden("core*")][:1500]
    wanted = [codec.storage_to_json(raw) for raw in values]
    found: dict[int, list[bytes | codec.CodecError]] = {}

    def convert(which: int) -> None:
        found[which] = list(codec.storage_to_json_many(values, 2))

    threads = [threading.Thread(target=convert, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), wanted)


@pytest.mark.parametrize("threads", THREADS)
def test_many_bad_values_stay_bounded(threads: int | None) -> None:
    bad = POD[:200]
    list(codec.storage_to_json_many([bad] * 3000, threads))
    tracemalloc.start()
    try:
        for found in codec.storage_to_json_many((bad for _ in range(6000)), threads):
            assert isinstance(found, codec.DecodeError)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.parametrize("threads", THREADS)
def test_warnings_name_the_caller(threads: int | None) -> None:
    unknown = wrap("v1", "ConfigMap", b"\xa0\x06\x01")  # a field 100
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = codec.storage_to_json_many([unknown, POD, STORED_AS_JSON], threads)
        found = [type(result) for result in results]
    assert found == [bytes] * 3
    assert [(warning.filename, warning.category) for warning in caught] == [(__file__, codec.UnknownFieldsWarning)] * 2


@pytest.mark.parametrize("raw", [STORED_AS_JSON, b"apiVersion: v1\nkind: ConfigMap\nnobody: knows\n"])
@pytest.mark.parametrize("road", [codec.decode, codec.storage_to_json, codec.storage_to_yaml])
def test_warnings_of_one_value_name_the_caller_too(road: Callable[[bytes], object], raw: bytes) -> None:
    with pytest.warns(codec.UnknownFieldsWarning) as caught:
        road(raw)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("values", [POD, bytearray(POD), memoryview(POD), "text"])
def test_one_value_is_no_stream(values: object) -> None:
    with pytest.raises(TypeError, match="not one value"):
        codec.storage_to_json_many(values)  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [0, -1])
def test_at_least_one_thread(threads: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        codec.storage_to_json_many([], threads)


def test_as_many_threads_as_cores() -> None:
    assert many.cores() >= 1


def run(program: str) -> subprocess.CompletedProcess[str]:
    head = f"import sys; sys.path[:0] = {[SOURCE, *sys.path]!r}\nimport itertools, signal, codec\nraw = {POD!r}\n"
    return subprocess.run([sys.executable, "-c", head + program], capture_output=True, text=True, timeout=120)


def test_the_process_ends_although_an_iterator_was_left_half_way() -> None:
    program = "results = codec.storage_to_json_many(itertools.repeat(raw), 3)\nnext(results)\nprint('well')\n"
    done = run(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "well\n", "")


def test_an_interrupt_ends_it() -> None:
    program = """
signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background begins without it
def values():
    for number in itertools.count():
        if number == 20_000:
            signal.raise_signal(signal.SIGINT)
        yield raw
try:
    for found in codec.storage_to_json_many(values(), 3):
        assert type(found) is bytes
except KeyboardInterrupt:
    import threading
    print(threading.active_count())
"""
    done = run(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_closing_twice_and_before_the_start() -> None:
    with contextlib.closing(codec.storage_to_json_many([POD])) as results:
        results.close()
    assert list(results) == []
