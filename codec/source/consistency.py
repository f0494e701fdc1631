"""Whether the records of an etcd database agree with each other, as etcd would have written them.

Source: etcd server/storage/mvcc/kvstore_txn.go, put and delete; server/lease/lessor.go.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.source.etcd_file import EtcdFile


def contradictions(source: EtcdFile) -> Iterator[tuple[bytes, int, str]]:
    """Key, revision and what is wrong, of each record that etcd cannot have written so.

    SourceError for a record that cannot be read.
    """
    revisions = source.revisions
    for key in revisions.keys(b""):
        before: tuple[int, int] | None = None  # create revision and version, of the record before in the same life
        is_first = True  # of what is retained: its predecessors may have been compacted
        for number in revisions.of_key(key):
            main, _, deleted = revisions.place(number)
            if deleted:
                if before is None and not is_first:
                    yield key, main, "a tombstone follows a tombstone"
                before = None
            else:
                _, create, mod, version, *_ = revisions.fields(number)
                for problem in _problems(main, create, mod, version, before, is_first):
                    yield key, main, problem
                before = create, version
            is_first = False


def _problems(
    main: int, create: int, mod: int, version: int, before: tuple[int, int] | None, is_first: bool
) -> Iterator[str]:
    if mod != main:
        yield f"the record says that it is of revision {mod}"
    if before is not None:
        if (create, version) != (before[0], before[1] + 1):
            yield f"create revision {create}, version {version} follow {before[0]}, {before[1]}"
    elif not is_first:
        if (create, version) != (main, 1):
            yield f"create revision {create}, version {version} in a record that creates the key"
    elif not 0 < create <= main or version < 1 or (version == 1) != (create == main):
        yield f"create revision {create}, version {version} cannot be"


def lost_leases(source: EtcdFile) -> dict[int, list[bytes]]:
    """The keys that hang on a lease which is not there, by lease: they never expire."""
    revisions = source.revisions
    known = source.leases()
    found: dict[int, list[bytes]] = {}
    for key, number in revisions.live(b"", revisions.revision):
        lease = revisions.fields(number)[4]
        if lease and lease not in known:
            found.setdefault(lease, []).append(key)
    return found
