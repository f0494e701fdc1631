"""The command as a process of its own: streams, pipes, terminals, and what it imports."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import codec

COMMAND = [sys.executable, "-m", "codec.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(codec.__file__).resolve().parents[1])}

# What costs time to import, and what decoding to text does without.
SLOW = {"argparse", "typing", "enum", "dataclasses", "pathlib", "logging", "json", "re", "msgspec", "yaml", "datetime"}


def call(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *words], input=stdin, capture_output=True, env=ENVIRONMENT, check=False)


def test_decode_and_encode_are_inverse(daily: Path) -> None:
    raw = (daily / "core.v1.Endpoints.pb").read_bytes()
    text = call("decode", stdin=raw)
    assert (text.returncode, text.stdout) == (0, (daily / "core.v1.Endpoints.yaml").read_bytes())
    back = call("encode", stdin=text.stdout)
    assert (back.returncode, back.stdout, back.stderr) == (0, raw, b"")


def test_version_and_help() -> None:
    assert call("--version").stdout == f"k8s-codec {codec.__version__}\n".encode()
    overview = call("--help")
    assert overview.returncode == 0
    assert all(f"\n  {name} ".encode() in overview.stdout for name in ("decode", "encode", "inspect", "kinds"))
    assert call("decode", "--help").stdout.startswith(b"Usage: k8s-codec decode [FILE")


def test_exit_statuses() -> None:
    assert call("kinds", "nothing-of-this-name").returncode == 1
    assert call("decode", "--nope").returncode == 2
    assert call("decode", stdin=b"nonsense").returncode == 3


def test_text_is_utf8_in_any_locale(daily: Path) -> None:
    raw = codec.json_to_storage('{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"ü"}}')
    for locale in ("C", "POSIX"):
        environment = {**ENVIRONMENT, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        done = subprocess.run([*COMMAND, "decode"], input=raw, capture_output=True, env=environment, check=True)
        assert "a: ü\n".encode() in done.stdout
        done = subprocess.run([*COMMAND, "--help"], capture_output=True, env=environment, check=True)
        assert "→".encode() in done.stdout


def test_a_reader_that_has_gone_is_no_error(daily: Path) -> None:
    for command in ("decode", "inspect"):
        words = [*COMMAND, command, *[str(daily / "core.v1.Pod.pb")] * 200]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 0


def test_a_full_disk_is_named() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*COMMAND, "kinds"], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)
    assert done.returncode == 3
    assert done.stderr == b"k8s-codec: cannot write: No space left on device\n"


def test_binary_is_not_written_to_a_real_terminal(daily: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [*COMMAND, "decode", "-o", "raw", str(daily / "core.v1.Endpoints.pb")],
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            check=False,
        )
    finally:
        os.close(theirs)
        os.close(ours)
    assert done.returncode == 2
    assert b"binary is not written to a terminal" in done.stderr


@pytest.mark.parametrize("form", ["yaml", "json", "jsonl", "name"])
def test_decoding_imports_little(daily: Path, form: str) -> None:
    program = (
        "import sys; before = set(sys.modules)\n"
        f"sys.path.insert(0, {ENVIRONMENT['PYTHONPATH']!r})\n"
        "from codec.cli import main\n"
        f"status = main(['decode', '-o', {form!r}, {str(daily / 'core.v1.Endpoints.pb')!r}])\n"
        "print(*(set(sys.modules) - before), file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stderr.split()) & SLOW == set()
    assert "codec.cli.decode" in done.stderr
