"""What is wrong with a source, and what is not: each fault made by hand, and captured clusters that have none."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from source.bbolt_writer import BboltWriter
from source.build import Put, captured, database
from source.test_datadir import Member, filled
from source.test_datadir import database as member_database
from source.wal_writer import put

import codec
from codec.errors import SourceError
from codec.query.encryption import Encryption, named
from codec.query.integrity import Finding, Values, examine_database
from codec.query.select import select
from codec.query.stored_versions import StoredVersions, kind_of_value
from codec.source.bbolt import BUSY
from codec.source.mvcc import CompactedMeanwhile, revision_key
from codec.source.stored import write_record

POD = b"/registry/pods/web/everything"


@pytest.fixture(scope="module")
def values(fixtures: Path) -> dict[bytes, bytes]:
    return captured(fixtures / "etcd" / "values.jsonl.gz")


@pytest.fixture(scope="module")
def encrypted(fixtures: Path) -> dict[bytes, bytes]:
    return captured(fixtures / "etcd" / "encrypted" / "values.jsonl.gz")


def written(tmp_path: Path, puts: list[Put]) -> Path:
    path = tmp_path / "db"
    path.write_bytes(database(puts))
    return path


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.check, finding.place, finding.text) for finding in findings if finding.wrong]


def of_values(path: Path) -> tuple[list[Finding], Values]:
    counts = Values()
    with codec.open(path) as source:
        return [finding for row in select(source).rows() for finding in counts.examine(row)], counts


def of_database(path: Path) -> list[Finding]:
    with codec.open(path) as source:
        return list(examine_database(source))


def test_a_captured_snapshot_is_sound(fixtures: Path) -> None:
    path = fixtures / "etcd" / "snapshot.db"
    findings, counts = of_values(path)
    assert findings == []
    assert (counts.read, counts.failed, counts.encrypted, counts.unregistered, counts.not_objects) == (420, 0, 0, 0, 0)
    found = [(finding.check, finding.text, finding.wrong) for finding in of_database(path)]
    assert found == [
        ("checksum", "right", False),
        ("structure", "123 pages of 4096 bytes, 2 of them free", False),
        ("records", "456 agree in their revisions and versions", False),
    ]


@pytest.mark.parametrize("folder", ["json", "yaml"])
def test_values_in_every_form_agree_with_their_keys(fixtures: Path, tmp_path: Path, folder: str) -> None:
    stored = captured(fixtures / "etcd" / folder / "values.jsonl.gz")
    findings, counts = of_values(written(tmp_path, list(stored.items())))
    assert findings == []
    assert counts.read == len(stored)


# Bytes of the database


def changed(fixtures: Path, tmp_path: Path, place: int) -> Path:
    data = bytearray((fixtures / "etcd" / "snapshot.db").read_bytes())
    data[place] ^= 1
    path = tmp_path / "changed.db"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("place", [-1, -40, 300_000])
def test_one_byte_that_is_another(fixtures: Path, tmp_path: Path, place: int) -> None:
    found = told(of_database(changed(fixtures, tmp_path, place)))
    assert [check for check, _, _ in found] == ["checksum"]
    assert found[0][2].endswith("is not that of the bytes before it: the snapshot is damaged")


@pytest.mark.parametrize("page", [0, 1])
def test_a_damaged_meta_page(fixtures: Path, tmp_path: Path, page: int) -> None:
    found = told(of_database(changed(fixtures, tmp_path, page * 4096 + 60)))
    assert ("structure", "", f"meta page {page} at byte {page * 4096}: its checksum is wrong") in found


def test_damage_beside_the_keys(tmp_path: Path) -> None:
    """A page that no key needs: everything can be read, and the damage is told."""
    rows = {revision_key(2, 0): write_record(b"/registry/a", b"value", 2, 2, 1, 0)}
    many = {b"%06d" % number: b"x" * 20 for number in range(100)}
    data = bytearray(BboltWriter(512).finish({b"key": rows, b"meta": {}, b"lease": many}))
    page = next(start // 512 for start in range(1024, len(data), 512) if b"000050" in data[start : start + 512])
    data[page * 512] ^= 0xFF
    path = tmp_path / "db"
    path.write_bytes(data)
    # The leases cannot be read either.
    checks = [(check, text) for check, _, text in told(of_database(path))]
    assert ("structure", f"page {page} at byte {page * 512}: its header says that it is page {page ^ 0xFF}") in checks


@pytest.mark.parametrize("error", [CompactedMeanwhile("revision 3 was compacted"), SourceError(f"x: {BUSY}")])
@pytest.mark.parametrize(
    "where", ["codec.source.etcd_file.EtcdFile.check_structure", "codec.source.mvcc.Revisions.fields"]
)
def test_a_file_that_is_written_to_is_not_called_damaged(
    fixtures: Path, monkeypatch: pytest.MonkeyPatch, error: SourceError, where: str
) -> None:
    def busy(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(where, busy)
    with pytest.raises(SourceError) as caught:
        of_database(fixtures / "etcd" / "snapshot.db")
    assert caught.value is error


# Records


def record(key: bytes, main: int, create: int, mod: int, version: int, lease: int = 0) -> dict[bytes, bytes]:
    return {revision_key(main, 0): write_record(key, b"v", create, mod, version, lease)}


def tombstone(key: bytes, main: int) -> dict[bytes, bytes]:
    return {revision_key(main, 0, deleted=True): write_record(key, b"", 0, 0, 0, 0)}


A = b"/registry/a"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([record(A, 2, 2, 3, 1)], "revision 2: the record says that it is of revision 3"),
        ([record(A, 2, 2, 2, 1), record(A, 3, 3, 3, 1)], "revision 3: create revision 3, version 1 follow 2, 1"),
        ([record(A, 2, 2, 2, 1), record(A, 3, 2, 3, 3)], "revision 3: create revision 2, version 3 follow 2, 1"),
        (
            [record(A, 2, 2, 2, 1), tombstone(A, 3), record(A, 4, 2, 4, 2)],
            "revision 4: create revision 2, version 2 in a record that creates the key",
        ),
        ([record(A, 2, 2, 2, 1), tombstone(A, 3), tombstone(A, 4)], "revision 4: a tombstone follows a tombstone"),
        ([record(A, 5, 6, 5, 2)], "revision 5: create revision 6, version 2 cannot be"),
        ([record(A, 5, 5, 5, 2)], "revision 5: create revision 5, version 2 cannot be"),
        ([record(A, 5, 3, 5, 1)], "revision 5: create revision 3, version 1 cannot be"),
        ([record(A, 5, 3, 5, 0)], "revision 5: create revision 3, version 0 cannot be"),
    ],
)
def test_records_that_etcd_cannot_have_written(tmp_path: Path, rows: list[dict[bytes, bytes]], problem: str) -> None:
    merged = {key: value for row in rows for key, value in row.items()}
    path = tmp_path / "db"
    path.write_bytes(BboltWriter().finish({b"key": merged, b"meta": {}, b"lease": {}}))
    assert told(of_database(path)) == [("records", "/registry/a", problem)]


def test_records_of_several_lives_are_sound(tmp_path: Path) -> None:
    rows = [record(A, 4, 2, 4, 3), record(A, 5, 2, 5, 4), tombstone(A, 6), record(A, 7, 7, 7, 1), record(A, 9, 7, 9, 2)]
    merged = {key: value for row in rows for key, value in row.items()}
    path = tmp_path / "db"
    path.write_bytes(BboltWriter().finish({b"key": merged, b"meta": {}, b"lease": {}}))
    assert told(of_database(path)) == []


def test_keys_that_hang_on_no_lease(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(
        database([(A, b"1"), (b"/registry/b", b"2"), (b"/registry/c", b"3")], {A: 0x1F, b"/registry/c": 0x1F})
    )
    assert told(of_database(path)) == [
        ("leases", "", "lease 1f is not there: /registry/a and 1 more will never expire")
    ]


# Values and keys


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (b"/registry/pods/web/another", "name is 'everything'"),
        (b"/registry/pods/default/everything", "namespace is 'web'"),
        (b"/registry/configmaps/web/everything", "kind is 'Pod'"),
        (b"/registry/configmaps/default/a", "kind is 'Pod', namespace is 'web', name is 'everything'"),
        (b"/registry/namespaces/everything", "kind is 'Pod', namespace is 'web'"),
    ],
)
def test_an_object_that_is_other_than_its_key(
    tmp_path: Path, values: dict[bytes, bytes], key: bytes, text: str
) -> None:
    findings, _ = of_values(written(tmp_path, [(key, values[POD])]))
    assert told(findings) == [("key", key.decode(), f"the object is another than its key says: {text}")]


def test_a_group_that_is_another(tmp_path: Path, values: dict[bytes, bytes]) -> None:
    value = values[b"/registry/stable.example.com/crontabs/web/nightly"]
    key = b"/registry/other.example.com/crontabs/web/nightly"
    findings, _ = of_values(written(tmp_path, [(key, value)]))
    text = "the object is another than its key says: group is 'stable.example.com'"
    assert told(findings) == [("key", key.decode(), text)]


def test_values_that_do_not_decode(tmp_path: Path, values: dict[bytes, bytes]) -> None:
    secret = values[b"/registry/secrets/web/login"]
    puts: list[Put] = [
        (b"/registry/pods/default/a", values[POD][:-200]),
        (b"/registry/secrets/web/login", secret[:-30]),
        (b"/registry/configmaps/default/a", b""),
        (b"/registry/configmaps/default/b", b'{"kind":"ConfigMap","apiVersion":"v1","data":{"a":"hidden'),
        (b"compact_rev_key", b"537"),
    ]
    findings, counts = of_values(written(tmp_path, puts))
    assert [(check, place) for check, place, _ in told(findings)] == [
        ("value", key.decode()) for key in sorted(key for key, _ in puts[:4])
    ]
    assert (counts.read, counts.failed, counts.not_objects) == (0, 4, 1)
    # Nothing that stands in a value is told.
    data = [text for _, _, text in told(findings)]
    assert not any("hidden" in text or "password" in text.lower() for text in data)


def test_what_this_release_does_not_know_is_no_fault(tmp_path: Path, values: dict[bytes, bytes]) -> None:
    from codec.api import Unregistered

    future = codec.encode(Unregistered(apiVersion="future.k8s.io/v1", kind="Thing", raw=b"\x0a\x03\x0a\x01a"))
    key = b"/registry/configmaps/web/settings"
    more = codec.decode(values[key])
    more._unknown = b"\xf8\x06\x01"  # field 111, a varint
    puts: list[Put] = [(b"/registry/things/a", future), (key, codec.encode(more))]
    findings, counts = of_values(written(tmp_path, puts))
    assert told(findings) == []
    assert (counts.read, counts.unregistered) == (1, 1)
    assert [(finding.check, finding.place) for finding in findings] == [("value", key.decode())]
    assert "unknown field" in findings[0].text


# Stored versions


def versions_of(path: Path) -> list[tuple[str, str, str, str, str, int]]:
    with codec.open(path) as source:
        selection = select(source)
        stored = StoredVersions(selection.catalog)
        for row in selection.rows():
            stored.add(row)
        return [
            (each.resource, each.api_version, each.newest, each.form, each.usual, each.count) for each in stored.rows()
        ]


def test_stored_versions_of_a_captured_snapshot(fixtures: Path, values: dict[bytes, bytes]) -> None:
    found = versions_of(fixtures / "etcd" / "snapshot.db")
    assert sum(each[-1] for each in found) == len(values)
    assert [each for each in found if each[1] != each[2] or each[3] != each[4]] == []
    assert ("deployments.apps", "apps/v1", "apps/v1", "protobuf", "protobuf", 3) in found
    assert ("crontabs.stable.example.com", *["stable.example.com/v1"] * 2, "json", "json", 4) in found


def test_what_a_migration_would_rewrite(tmp_path: Path, values: dict[bytes, bytes]) -> None:
    from codec.api.autoscaling.v1 import HorizontalPodAutoscaler
    from codec.api.extensions.v1beta1 import Deployment
    from codec.api.meta.v1 import ObjectMeta

    definition = b"/registry/apiextensions.k8s.io/customresourcedefinitions/crontabs.stable.example.com"
    crontab = b"/registry/stable.example.com/crontabs/web/nightly"
    old = values[crontab].replace(b'"stable.example.com/v1"', b'"stable.example.com/v1beta1"')
    meta = ObjectMeta(name="a", namespace="b")
    puts: list[Put] = [
        (definition, values[definition]),
        (crontab, old),
        (b"/registry/deployments/b/a", codec.encode(Deployment(metadata=meta))),
        (b"/registry/horizontalpodautoscalers/b/a", codec.encode(HorizontalPodAutoscaler(metadata=meta), form="json")),
    ]
    path = written(tmp_path, puts)
    v1, v1beta1 = "stable.example.com/v1", "stable.example.com/v1beta1"
    assert versions_of(path) == [
        ("crontabs.stable.example.com", v1beta1, v1, "json", "json", 1),
        ("customresourcedefinitions.apiextensions.k8s.io", *["apiextensions.k8s.io/v1beta1"] * 2, "json", "json", 1),
        ("deployments.apps", "extensions/v1beta1", "apps/v1", "protobuf", "protobuf", 1),
        ("horizontalpodautoscalers.autoscaling", "autoscaling/v1", "autoscaling/v2", "json", "protobuf", 1),
    ]
    findings, _ = of_values(path)
    assert told(findings) == []


@pytest.mark.parametrize(
    ("version", "with_definition", "newest", "is_defined"),
    [
        (b"v1", True, "stable.example.com/v1", True),
        (b"v1beta1", True, "stable.example.com/v1", True),
        (b"v1alpha1", True, "stable.example.com/v1", False),
        (b"v1", False, "", False),
    ],
)
def test_definitions(
    tmp_path: Path, values: dict[bytes, bytes], version: bytes, with_definition: bool, newest: str, is_defined: bool
) -> None:
    definition = b"/registry/apiextensions.k8s.io/customresourcedefinitions/crontabs.stable.example.com"
    crontab = b"/registry/stable.example.com/crontabs/web/nightly"
    value = values[crontab].replace(b'"stable.example.com/v1"', b'"stable.example.com/%b"' % version)
    puts: list[Put] = [(crontab, value), *([(definition, values[definition])] if with_definition else [])]
    with codec.open(written(tmp_path, puts)) as source:
        selection = select(source)
        stored = StoredVersions(selection.catalog)
        for row in selection.rows():
            stored.add(row)
        found = stored.rows()[0]
    assert (found.resource, found.newest, found.is_defined) == ("crontabs.stable.example.com", newest, is_defined)


def test_the_kind_of_a_value_is_that_of_its_envelope(fixtures: Path) -> None:
    with codec.open(fixtures / "etcd" / "snapshot.db") as source:
        for row in select(source).rows():
            assert kind_of_value(row) == (row.metadata.api_version, row.metadata.kind)


# Encryption


def encryption_of(path: Path) -> Encryption:
    found = Encryption()
    with codec.open(path) as source:
        for row in select(source).rows():
            found.add(row)
    return found


def test_providers_of_captured_values(tmp_path: Path, encrypted: dict[bytes, bytes]) -> None:
    path = written(tmp_path, list(encrypted.items()))
    found = encryption_of(path)
    per_resource = [
        ("aescbc", "new", 1),
        ("aescbc", "old", 1),
        ("aesgcm", "gcm", 1),
        ("identity", "", 1),
        ("kms v1", "hsm-1", 1),
        ("kms v2", "hsm-2", 1),
        ("secretbox", "box", 1),
    ]
    resources = ["configmaps", "crontabs.stable.example.com", "endpoints", "secrets"]
    rows = [(row.resource, row.provider, row.key_name, row.count) for row in found.rows()]
    assert rows == [(resource, *each) for resource in resources for each in per_resource]
    assert list(found.left_in_clear()) == [(resource, 1, 6) for resource in resources]
    _, counts = of_values(path)
    assert (counts.read, counts.encrypted) == (4, 24)


def test_what_is_in_clear_in_the_history_alone(tmp_path: Path, encrypted: dict[bytes, bytes]) -> None:
    clear, hidden = (encrypted[f"/registry/secrets/vault/{name}".encode()] for name in ("identity", "aescbc"))
    a, b, c, d = (f"/registry/secrets/vault/{name}".encode() for name in "abcd")
    puts: list[Put] = [(a, clear), (a, clear), (b, hidden), (a, hidden), (c, clear), (b, hidden), (d, clear)]
    puts += [(c, None), (c, hidden), (a, hidden)]
    path = written(tmp_path, puts)
    found = encryption_of(path)
    with codec.open(path) as source:
        assert list(found.clear_history(source)) == [(a, [2, 3]), (c, [6])]
    assert list(found.left_in_clear()) == [("secrets", 1, 3)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"k8s\0", ("identity", "")),
        (b"k8s:enc:secretbox:v1:box:", ("secretbox", "box")),
        (b"k8s:enc:kms:v2:plugin:\x00", ("kms v2", "plugin")),
        (b"k8s:enc:kms", ("kms", "")),
        (b"k8s:enc:", ("", "")),
    ],
)
def test_names_of_providers(raw: bytes, expected: tuple[str, str]) -> None:
    assert named(raw) == expected


def test_a_k3s_database(fixtures: Path, tmp_path: Path) -> None:
    for name in ("state.db", "state.db-wal"):
        (tmp_path / name).write_bytes(gzip.decompress((fixtures / "kine" / f"{name}.gz").read_bytes()))
    found = of_database(tmp_path / "state.db")
    assert [(finding.check, finding.text) for finding in found] == [
        ("checksum", "none: a source of this form (k3s database) carries none"),
        ("structure", "17 rows, and SQLite finds nothing wrong"),
    ]


# The write-ahead log


@pytest.mark.parametrize(
    ("voters", "cut", "expected"),
    [
        ([7], 0, [("entry 13 is applied, although not known to be committed", False)]),
        ([1, 2, 3], 0, [("entry 13 is left out, because not known to be committed", False)]),
        ([7], 3, [("the last write was cut off", False)]),
    ],
)
def test_what_a_killed_member_leaves_is_no_fault(
    tmp_path: Path, voters: list[int], cut: int, expected: list[tuple[str, bool]]
) -> None:
    member = filled(tmp_path, member_database(voters))
    if cut:
        path = next(member.wal.iterdir())
        path.write_bytes(bytes(member.log.data[:-cut]))
    found = [(finding.text, finding.wrong) for finding in of_database(tmp_path) if finding.check == "log"]
    assert [wrong for _, wrong in found] == [wrong for _, wrong in expected]
    assert all(words in text for (text, _), (words, _) in zip(found, expected, strict=True))


def test_entries_that_are_lost_are_a_fault(tmp_path: Path) -> None:
    member = Member(tmp_path, member_database([7]))
    member.log.commit(12)
    start = member.log.entry(11, put(POD, b"new"))
    member.log.entry(12, put(POD, b"newer"))
    member.log.data[start + 20] ^= 1
    member.write()
    found = [text for check, _, text in told(of_database(tmp_path)) if check == "log"]
    assert len(found) == 2
    assert "the checksum is wrong: what follows entry 10 is missing" in found[0]
    assert found[1] == "write-ahead log: entries 11 to 12 were committed and are lost"


def test_a_folder_without_its_log_is_a_fault(tmp_path: Path) -> None:
    member = filled(tmp_path, member_database([7]))
    for path in member.wal.iterdir():
        path.unlink()
    member.wal.rmdir()
    assert [check for check, _, _ in told(of_database(tmp_path))] == ["log"]
