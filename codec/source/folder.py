"""A folder that an export fills: where each object's file stands, and how it gets there whole or not at all.

`<namespace>/<plural[.group]>/<name>.yaml`, with CLUSTER for objects without a namespace. Two names that differ in
the case of letters alone need a file system that tells them apart.
"""

from __future__ import annotations

import os

from codec.errors import SourceError
from codec.source.files import UNFINISHED, percent_decoded, percent_encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

CLUSTER = "_cluster"  # in the place of a namespace; a namespace of that name is written `%5Fcluster`
OTHER = "_other"  # holds values under keys of no known resource, named by their whole keys
MAX_NAME = 255  # bytes of a file's name; most file systems, and Linux's NAME_MAX
_ESCAPED_AT_START = {".": "%2E", "_": "%5F"}


def encoded_name(text: str) -> str:
    """A namespace, resource or name as the name of a file or folder: percent-encoded.

    No `/`, `%` or control character is left, and neither `.` nor `_` at the start: nothing is hidden, leads
    upwards or stands for something else.
    """
    name = percent_encoded(text)
    return _ESCAPED_AT_START.get(name[:1], name[:1]) + name[1:]


def relative_path(namespace: str, resource: str, name: str, suffix: str) -> list[str]:
    """The path of an object's file, part by part. resource: with its group; "" where name is a whole key."""
    above = [encoded_name(namespace) if namespace else CLUSTER, encoded_name(resource)] if resource else [OTHER]
    return [*above, *_pieces(encoded_name(name), suffix)]


def _pieces(name: str, suffix: str) -> list[str]:
    """A name and its suffix; one too long for a file system goes on in a folder whose name ends in `%`."""
    pieces = []
    while len(name) + len(suffix) > MAX_NAME:
        cut = MAX_NAME - 1 - len(suffix)
        # A percent sign and its two digits stay together.
        percent = name.rfind("%", cut - 2, cut)
        cut = percent if percent >= 0 else cut
        pieces.append(name[:cut] + "%")
        name = name[cut:]
    return [*pieces, name + suffix]


def place_of(path: list[str]) -> tuple[str, str, str]:
    """Namespace, resource and name of a path that relative_path made; what it made of them comes back."""
    *above, last = path
    first = 1 if above[0] == OTHER else 2
    name = "".join(piece[:-1] for piece in above[first:]) + last[: last.rindex(".")]
    if first == 1:
        return "", "", percent_decoded(name)
    namespace, resource = above[:2]
    return "" if namespace == CLUSTER else percent_decoded(namespace), percent_decoded(resource), percent_decoded(name)


class Folder:
    """A new or empty folder. Files appear in it under their names only when they are whole.

    Folders are their owner's alone (0700), and files too (0600). A context manager. SourceError for a folder that is
    not empty, and for what cannot be written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._made: set[tuple[str, ...]] = set()
        self._unfinished = os.path.join(path, f"{UNFINISHED}{os.getpid()}")
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
            if os.listdir(path):
                raise SourceError(f"{path}: the folder is not empty")
        except OSError as error:
            raise SourceError(f"{error.filename or path}: {error.strerror or error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if os.path.lexists(self._unfinished):
            os.remove(self._unfinished)

    def write(self, parts: list[str], data: bytes) -> None:
        """A file. SourceError if there is one under its name: nothing is written then."""
        path = os.path.join(self.path, *parts)
        try:
            self._make_folder(tuple(parts[:-1]))
            if os.path.lexists(path):
                raise SourceError(f"{'/'.join(parts)}: another object was written there before")
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
            with open(os.open(self._unfinished, flags, 0o600), "wb") as file:
                file.write(data)
            os.rename(self._unfinished, path)
        except OSError as error:
            raise SourceError(f"{'/'.join(parts)}: {error.strerror or error}") from None

    def _make_folder(self, parts: tuple[str, ...]) -> None:
        if parts in self._made:
            return
        for length in range(1, len(parts) + 1):
            if parts[:length] not in self._made:
                os.makedirs(os.path.join(self.path, *parts[:length]), mode=0o700, exist_ok=True)
                self._made.add(parts[:length])
