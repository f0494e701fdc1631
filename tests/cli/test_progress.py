"""Progress on stderr: where it is shown, what it says, and that nothing of it stays."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

import codec
from codec.cli import progress
from codec.cli.output import before_words, say
from codec.cli.progress import CLEAR, Progress, in_units, in_words


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Somebody looks, and the clock stands at the first number of the list."""
    clock = [100.0]
    monkeypatch.setattr(progress, "is_shown", lambda writes_meanwhile: True)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    return clock


def test_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(objects=3) as shown:
        assert list(shown.over([1, 2, 3])) == [1, 2, 3]
        shown.advance(2, 10)
    assert capsys.readouterr().err == ""


def test_a_line_now_and_then(watched: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(objects=400) as shown:
        for count, _ in enumerate(shown.over(range(8), lambda _: 1 << 20)):
            watched[0] = 100 + count * 0.06
            if count == 1:
                assert capsys.readouterr().err == ""  # what is over at once shows nothing
        watched[0] = 110.0
        shown.advance(92, 92 << 20)
        assert capsys.readouterr().err == CLEAR + "100 objects, 100.0 MiB, 25%, 30 s left"
        watched[0] = 110.05
        shown.advance(1, 0)
        assert capsys.readouterr().err == ""
        say("words")
        shown.clear()
        assert capsys.readouterr().err == f"{CLEAR}k8s-codec: words\n"
        watched[0] = 120.0
        shown.advance(1, 0)
    assert capsys.readouterr().err.endswith(CLEAR)
    assert before_words == []


def test_what_is_left_comes_from_what_is_known() -> None:
    shown = Progress(size=1000)
    shown.done, shown.done_size = 7, 500
    assert shown.text(200) == "7 objects, 500 B, 50%, 3 min 20 s left"
    shown = Progress()
    shown.done = 7
    assert shown.text(200) == "7 objects"
    shown = Progress(objects=7)
    shown.done = 7
    assert shown.text(200) == "7 objects"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1 << 20, "1.0 MiB"),
        (5 << 38, "1.2 TiB"),
        (1 << 52, "4096.0 TiB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert in_units(size) == text


def test_times() -> None:
    assert [in_words(seconds) for seconds in (0.4, 59.4, 60, 185)] == ["0 s", "59 s", "1 min 00 s", "3 min 05 s"]


def test_on_a_real_terminal_nothing_of_it_stays(root: Path) -> None:
    """The line appears while a command works, and is cleared; data on the same terminal is left alone."""
    program = (
        "import time; from codec.cli.progress import Progress\n"
        "with Progress(objects=9, writes_meanwhile={writes}) as shown:\n"
        "    shown.advance(); time.sleep(0.6); shown.advance()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(codec.__file__).resolve().parents[1])}
    for writes, expected in ((True, b""), (False, b"\r\x1b[K2 objects, 22%, ")):
        ours, theirs = pty.openpty()
        try:
            subprocess.run(
                [sys.executable, "-c", program.format(writes=writes)],
                stdout=theirs,
                stderr=theirs,
                env=environment,
                check=True,
            )
            os.write(theirs, b"end")
            seen = b""
            while not seen.endswith(b"end"):
                seen += os.read(ours, 1000)
        finally:
            os.close(theirs)
            os.close(ours)
        assert seen.startswith(expected)
        assert seen.endswith((CLEAR.encode() if expected else b"") + b"end")
