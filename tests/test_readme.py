"""What the README shows is what the commands and the library print.

A block ```console holds commands, each after `$ `, and their output; ```python blocks run, and a comment `# → x` after
an expression is its repr. `python tests/test_readme.py` writes the real output into the README's console blocks.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SETUP = ("$ scripts/demo", "$ scripts/test")  # make environments of their own


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(command: str) -> str:
    """The output of a shell command that uses k8s-codec, stdout and stderr as a terminal shows them."""
    found = shutil.which("k8s-codec", path=str(Path(sys.executable).parent))
    assert found, "the package is not installed"
    environment = os.environ | {"PATH": f"{Path(found).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.stdout.decode()


def real(block: str) -> str:
    """The block with every command's output as it is now; a command may go on after a backslash."""
    lines = iter(block.split("\n"))
    out = []
    for line in lines:
        if line.startswith("$ "):
            command = line
            while command.endswith("\\"):
                command += "\n" + next(lines)
            out.append(command + "\n" + run(command.removeprefix("$ ")))
    return "\n".join(out)


def shown(text: str) -> list[str]:
    return [block for block in blocks("console", text) if not block.startswith(SETUP)]


def test_console_blocks_show_real_output() -> None:
    found = shown(README.read_text(encoding="utf-8"))
    assert len(found) >= 4
    for block in found:
        assert real(block) == block


def test_python_blocks_run_and_say_what_comes_out(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(ROOT)
    found = blocks("python", README.read_text(encoding="utf-8"))
    assert found
    for block in found:
        names: dict[str, object] = {}
        exec(block, names)
        for line in block.split("\n"):
            code, arrow, result = line.partition("# → ")
            if arrow:
                assert repr(eval(code, names)) == result, line


def update() -> None:
    text = README.read_text(encoding="utf-8")
    for block in shown(text):
        text = text.replace(f"```console\n{block}```", f"```console\n{real(block)}```")
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    update()
