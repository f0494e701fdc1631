"""Reads what is named on a command line: files, folders that `encode -d` wrote, standard input."""

from __future__ import annotations

import sys

from codec.errors import SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"  # its name on a command line


def read(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`. SourceError if it cannot be read."""
    try:
        if name == STDIN:
            return sys.stdin.buffer.read()
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise SourceError(f"{error.strerror or error}") from None


def files(name: str) -> Iterator[str]:
    """A file's own name; for a folder the name of each file in it, sorted."""
    from os import listdir
    from os.path import isdir, isfile, join

    if name == STDIN or not isdir(name):
        yield name
        return
    try:
        inner = sorted(listdir(name))
    except OSError as error:
        raise SourceError(f"{error.strerror or error}") from None
    for each in inner:
        path = join(name, each)
        if isfile(path):
            yield path


# Bytes of a key that stand for themselves in a file name; all others are percent-encoded.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:@+=,")


def file_name(key: str) -> str:
    """The name of a file for an etcd key: percent-encoded, so that no `/` is left."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in key.encode("utf-8", "surrogateescape"))


def key_of(name: str) -> bytes | None:
    """The etcd key in a file's name; None if the name holds none."""
    from os.path import basename

    name = basename(name)
    if not name.startswith("%2F"):
        return None
    head, *parts = name.encode("utf-8", "surrogateescape").split(b"%")
    out = bytearray(head)
    for part in parts:
        try:
            out += bytes.fromhex(part[:2].decode("ascii")) + part[2:]
        except ValueError:
            return None
    return bytes(out)


def write_values(folder: str, values: list[tuple[str, bytes]]) -> None:
    """Writes each (key, value) into a file of its own, readable by its owner alone. SourceError if one cannot be."""
    import os

    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        for key, value in values:
            path = os.path.join(folder, file_name(key))
            # A link that somebody put in its place is not followed.
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
            with open(os.open(path, flags, 0o600), "wb") as file:
                if hasattr(os, "fchmod"):
                    os.fchmod(file.fileno(), 0o600)  # of a file that was there before
                file.write(value)
    except OSError as error:
        raise SourceError(f"{error.filename or folder}: {error.strerror or error}") from None
