"""Reads what is named on a command line: files, folders that `encode -d` wrote, standard input."""

from __future__ import annotations

import sys

from codec.errors import SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"  # its name on a command line
UNFINISHED = ".unfinished-"  # begins the name of a file that an export was writing when it was killed


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
    """A file's own name; for a folder the name of each file in it, sorted, and then those of the folders in it."""
    from os import scandir
    from os.path import isdir

    if name == STDIN or not isdir(name):
        yield name
        return
    waiting = [name]
    while waiting:
        try:
            with scandir(waiting.pop()) as entries:
                inner = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise SourceError(f"{error.strerror or error}") from None
        yield from (entry.path for entry in inner if entry.is_file() and not entry.name.startswith(UNFINISHED))
        waiting += [entry.path for entry in reversed(inner) if entry.is_dir(follow_symlinks=False)]


# Bytes of a key that stand for themselves in a file name; all others are percent-encoded.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:@+=,")


def percent_encoded(text: str) -> str:
    """Text of which only plain characters are left; the bytes of all others in hexadecimal digits, as `%2F`."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))


def percent_decoded(name: str) -> str:
    """The text that `percent_encoded` was given. ValueError for a percent sign without its two digits."""
    head, *parts = name.encode("utf-8", "surrogateescape").split(b"%")
    out = bytearray(head)
    for part in parts:
        if len(part) < 2:
            raise ValueError(f"{name!r} is not percent-encoded")
        out += bytes.fromhex(part[:2].decode("ascii")) + part[2:]
    return out.decode("utf-8", "surrogateescape")


def file_name(key: str) -> str:
    """The name of a file for an etcd key: percent-encoded, so that no `/` is left."""
    return percent_encoded(key)


def key_of(name: str) -> bytes | None:
    """The etcd key in a file's name; None if the name holds none."""
    from os.path import basename

    name = basename(name)
    if not name.startswith("%2F"):
        return None
    try:
        return percent_decoded(name).encode("utf-8", "surrogateescape")
    except ValueError:
        return None


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
