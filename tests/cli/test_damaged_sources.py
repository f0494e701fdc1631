"""Every command over a damaged snapshot ends with an exit status and words; what can still be read is given."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cli.command import Run

from codec.cli import COMMANDS, load

CASES = 12
# How a command is run where the source alone is not enough; `*` stands for the source. Each exports to nowhere.
WORDS = {
    "get": [["*", "-o", "jsonl"], ["*"], ["*", "ct", "-o", "yaml"], ["*", "-l", "app", "-o", "json"]],
    "ls": [["*"], ["*", "--deleted"], ["*", "--terminating"]],
    "diff": [["*", "--rev", "540", "--to-rev", "570"]],
    "export": [["*", "--no-verify"], ["*"]],
}


@pytest.mark.parametrize(
    "command", [name for name in COMMANDS if any("--cacert" in option.flags for option in load(name).options)]
)
def test_damage_has_a_status(run: Run, command: str, etcd: Path, tmp_path: Path) -> None:
    whole = (etcd / "snapshot.db").read_bytes()
    chance = random.Random(command)
    path = tmp_path / "snapshot.db"
    statuses = set()
    for _ in range(CASES):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 5, 60))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.randrange(len(data))] if chance.random() < 0.2 else data)
        for words in WORDS.get(command, [["*"]]):
            ran = run(command, *[path if word == "*" else word for word in words])
            assert ran.status in (0, 1, 2, 3), (command, ran.err)
            if ran.status == 3:
                assert ran.err.startswith("k8s-codec: "), (command, ran.err)
            statuses.add(ran.status)
    assert 3 in statuses or command == "watch"
