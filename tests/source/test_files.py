"""Files: what is read, and how values are written under the name of their key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.errors import SourceError
from codec.source.files import file_name, files, key_of, read, write_values


@given(st.binary(min_size=1).filter(lambda key: b"\0" not in key))
def test_a_key_comes_back_from_its_file_name(key: bytes) -> None:
    key = b"/" + key
    name = file_name(key.decode("utf-8", "surrogateescape"))
    assert "/" not in name
    assert name.isascii()
    assert key_of(f"folder/{name}") == key


def test_names_that_are_no_keys() -> None:
    assert key_of("value.bin") is None
    assert key_of("%2Fa%zz") is None


def test_written_files_belong_to_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "values"
    write_values(str(folder), [("/registry/secrets/a/b", b"x")])
    path = folder / "%2Fregistry%2Fsecrets%2Fa%2Fb"
    assert path.read_bytes() == b"x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    write_values(str(folder), [("/registry/secrets/a/b", b"y")])
    assert path.read_bytes() == b"y"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(files(str(folder))) == [str(path)]


def test_what_cannot_be_written_or_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="File name too long"):
        write_values(str(tmp_path), [("/" + "x" * 300, b"")])
    target = tmp_path / "elsewhere"
    (tmp_path / "%2Fa").symlink_to(target)
    with pytest.raises(SourceError, match="%2Fa"):
        write_values(str(tmp_path), [("/a", b"")])
    assert not target.exists()
    with pytest.raises(SourceError, match="No such file or directory"):
        read(str(tmp_path / "absent"))
    with pytest.raises(SourceError, match="No such file or directory"):
        [read(name) for name in files(str(tmp_path / "absent"))]
