"""The folder of an export: names that come back, rights, and files that are whole or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.errors import SourceError
from codec.source.files import UNFINISHED, files, percent_decoded, percent_encoded
from codec.source.folder import CLUSTER, MAX_NAME, OTHER, Folder, encoded_name, place_of, relative_path

TEXT = st.binary(min_size=1, max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
LONG = st.text("ab%/é.", min_size=1, max_size=900)
SUFFIX = st.sampled_from([".yaml", ".bin"])


@given(TEXT)
def test_percent_encoding_comes_back(text: str) -> None:
    name = percent_encoded(text)
    assert name.isascii()
    assert name.isprintable()
    assert "/" not in name
    assert percent_decoded(name) == text


@pytest.mark.parametrize("name", ["%", "%2", "a%zz", "%g0"])
def test_what_is_not_percent_encoded(name: str) -> None:
    with pytest.raises(ValueError):
        percent_decoded(name)


@given(st.just("") | TEXT, TEXT, TEXT | LONG, SUFFIX)
def test_a_place_comes_back_from_its_path(namespace: str, resource: str, name: str, suffix: str) -> None:
    path = relative_path(namespace, resource, name, suffix)
    assert place_of(path) == (namespace, resource, name)
    check(path)


@given(TEXT | LONG, SUFFIX)
def test_a_key_of_no_resource_comes_back(key: str, suffix: str) -> None:
    path = relative_path("", "", key, suffix)
    assert path[0] == OTHER
    assert place_of(path) == ("", "", key)
    check(path)


def check(path: list[str]) -> None:
    """Each part is a name, leads nowhere else, is not hidden, and fits a file system."""
    for part in path:
        assert 0 < len(part) <= MAX_NAME
        assert part.isascii()
        assert "/" not in part
        assert not part.startswith(".")


def test_names() -> None:
    assert relative_path("web", "deployments.apps", "shop", ".yaml") == ["web", "deployments.apps", "shop.yaml"]
    assert relative_path("", "nodes", "worker-1", ".yaml") == [CLUSTER, "nodes", "worker-1.yaml"]
    assert relative_path("..", "..", "..", ".bin") == ["%2E.", "%2E.", "%2E..bin"]
    assert relative_path("_cluster", "a", "_b", ".bin") == ["%5Fcluster", "a", "%5Fb.bin"]
    assert relative_path("a", "b", "system:node%/é", ".yaml")[2] == "system:node%25%2F%C3%A9.yaml"
    assert relative_path("", "", "/own/key", ".bin") == [OTHER, "%2Fown%2Fkey.bin"]
    assert encoded_name("a.b_c") == "a.b_c"


def test_two_places_never_share_a_path() -> None:
    words = ["", "a", "_", "_cluster", "_other", "%", "%5Fcluster", ".", "a%", "a.yaml", "A"]
    places = [(namespace, resource, name) for namespace in words for resource in words[1:] for name in words[1:]]
    places += [("", "", name) for name in words[1:]]
    assert len({tuple(relative_path(*place, ".yaml")) for place in places}) == len(places)


def test_the_longest_name_of_kubernetes(tmp_path: Path) -> None:
    path = relative_path("web", "configmaps", "a" * 253, ".yaml")
    assert path == ["web", "configmaps", "a" * 249 + "%", "a" * 4 + ".yaml"]
    with Folder(str(tmp_path / "out")) as folder:
        folder.write(path, b"x")
    assert tmp_path.joinpath("out", *path).read_bytes() == b"x"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Folder(str(tmp_path / "a" / "out")) as folder:
            folder.write(["web", "secrets", "login.yaml"], b"x")
            folder.write(["web", "secrets", "other.yaml"], b"")
    finally:
        os.umask(before)
    out = tmp_path / "a" / "out"
    assert {mode(path) for path in (out, out / "web", out / "web" / "secrets")} == {0o700}
    assert mode(out / "web" / "secrets" / "login.yaml") == 0o600
    assert [*files(str(out))] == [str(out / "web" / "secrets" / name) for name in ("login.yaml", "other.yaml")]


def test_only_a_new_or_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SourceError, match="the folder is not empty"):
        Folder(str(tmp_path))
    with pytest.raises(SourceError, match="File exists"):
        Folder(str(tmp_path / "file"))
    with pytest.raises(SourceError, match="Not a directory"):
        Folder(str(tmp_path / "file" / "below"))
    (tmp_path / "empty").mkdir()
    Folder(str(tmp_path / "empty"))


def test_no_second_object_takes_a_path(tmp_path: Path) -> None:
    with Folder(str(tmp_path / "out")) as folder:
        folder.write(["a", "b", "c.yaml"], b"first")
        with pytest.raises(SourceError, match=r"a/b/c\.yaml: another object was written there before"):
            folder.write(["a", "b", "c.yaml"], b"second")
    assert (tmp_path / "out" / "a" / "b" / "c.yaml").read_bytes() == b"first"


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands under its name is whole, and nothing else is left."""

    def interrupted(*paths: str) -> None:
        raise KeyboardInterrupt

    folder = Folder(str(tmp_path / "out"))
    folder.write(["a", "b", "c.yaml"], b"first")
    monkeypatch.setattr("codec.source.folder.os.rename", interrupted)
    with pytest.raises(KeyboardInterrupt), folder:
        folder.write(["a", "b", "d.yaml"], b"second")
    assert [*files(str(tmp_path / "out"))] == [str(tmp_path / "out" / "a" / "b" / "c.yaml")]


def test_what_a_killed_export_leaves_is_not_read(tmp_path: Path) -> None:
    """Nothing takes it away then; it is no object."""
    folder = Folder(str(tmp_path / "out"))
    folder.write(["a", "b", "c.yaml"], b"first")
    (tmp_path / "out" / f"{UNFINISHED}17").write_bytes(b"half of an obj")
    assert [*files(str(tmp_path / "out"))] == [str(tmp_path / "out" / "a" / "b" / "c.yaml")]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    with Folder(str(tmp_path / "out")) as folder, pytest.raises(SourceError, match="File name too long"):
        folder.write(["a" * 300, "b.yaml"], b"")
