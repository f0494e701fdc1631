"""`k8s-codec kinds` and `completion`."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cli.command import Run

import codec
from codec.cli import COMMANDS, load


def test_every_kind_is_listed(run: Run) -> None:
    lines = run("kinds").text.splitlines()
    assert lines[0].split() == ["APIVERSION", "KIND"]
    assert [tuple(line.split()) for line in lines[1:]] == codec.kinds()
    assert run("kinds", "-o", "name").text.split() == ["/".join(kind) for kind in codec.kinds()]


def test_message_and_class(run: Run) -> None:
    expected = ["v1", "Endpoints", "k8s.io.api.core.v1.Endpoints", "codec.api.core.v1.Endpoints"]
    assert run("kinds", "-o", "wide", "v1/Endpoint[s]").text.splitlines()[1].split() == expected
    (row,) = json.loads(run("kinds", "-o", "json", "v1/endpoint[s]").out)
    assert list(row.values()) == expected
    module, _, name = row["class"].rpartition(".")
    assert getattr(__import__(module, fromlist=[name]), name)._proto == row["message"]


@pytest.mark.parametrize(
    ("pattern", "first", "count"),
    [("V1/POD*", "v1/Pod", None), ("pod?isruption*", "policy/v1/PodDisruptionBudget", None), ("apps/v1/*", None, 10)],
)
def test_patterns(run: Run, pattern: str, first: str | None, count: int | None) -> None:
    names = run("kinds", "-o", "name", pattern).text.split()
    assert first is None or names[0] == first
    assert count is None or len(names) == count


def test_a_pattern_that_fits_nothing_is_a_no(run: Run) -> None:
    ran = run("kinds", "endpoints*x")
    assert (ran.status, ran.out, ran.err) == (1, b"", "k8s-codec: no registered kind fits 'endpoints*x'\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_name_every_command_and_option(run: Run, shell: str, tmp_path: Path) -> None:
    script = run("completion", shell).text
    for name in COMMANDS:
        assert name in script
        for option in load(name).options:
            assert all((flag if shell != "fish" else f" {flag.lstrip('-')}") in script for flag in option.flags)
    if shutil.which(shell):
        path = tmp_path / "script"
        path.write_text(script)
        subprocess.run([shell, "-n", str(path)], check=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("k8s-codec de", {"decode"}),
        ("k8s-codec decode -o ", {"yaml", "json", "jsonl", "name", "raw"}),
        ("k8s-codec decode --red", {"--redact"}),
        ("k8s-codec inspect --color a", {"auto", "always"}),
        ("k8s-codec completion ", {"bash", "zsh", "fish"}),
        ("k8s-codec decode val", {"value.bin"}),
        ("k8s-codec encode --base val", {"value.bin"}),
        ("k8s-codec ls val", {"value.bin"}),
        ("k8s-codec get value.bin val", {"value.bin", "validatingwebhookconfigurations"}),
        ("k8s-codec get value.bin endp", {"endpoints", "endpointslices"}),
        ("k8s-codec get value.bin po -o j", {"json", "jsonl"}),
    ],
)
def test_bash_completes(run: Run, line: str, expected: set[str], tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not there")
    (tmp_path / "value.bin").touch()
    words = line.split(" ")
    script = run("completion", "bash").text + (
        f"COMP_WORDS=({' '.join(word or chr(39) * 2 for word in words)}); COMP_CWORD={len(words) - 1}; _k8s_codec\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run([bash, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    assert found >= expected
    assert all(word.startswith(words[-1]) for word in found)


def test_a_shell_must_be_named(run: Run) -> None:
    for words in ((), ("tcsh",)):
        ran = run("completion", *words)
        assert (ran.status, "name one shell: bash, zsh, fish" in ran.err) == (2, True)
