"""Every exception and warning of the library.

Whatever bytes, text or a source can do wrong ends in a CodecError; any other exception out of a decode
is a bug. A message reads: path from the outermost name, the problem, the place.
"""

from __future__ import annotations

# The problem where the caller is so deep in calls of its own that Python's stack ends before the depth limit does.
NO_STACK = "nested deeper than the stack has room for"


def printable(text: str) -> str:
    """A name from the input as part of a message: what is no Unicode becomes an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class CodecError(Exception):
    """The root of all errors of this library."""


class _PathError(CodecError):
    """A problem with the path of names that leads to it, and its place in the input.

    problem: what is wrong, without path and place.
    path: names from the outermost, as in `Endpoints.subsets[0].ports[2].port`; "" where none is known.
    offset: bytes from the start of the input, or None where the input has no such place.
    """

    def __init__(self, problem: str, path: str = "", offset: int | None = None, place: str = "") -> None:
        super().__init__(problem, path, offset, place)
        self.problem = problem
        self.path = path
        self.offset = offset
        self.place = place

    def inside(self, segment: str) -> None:
        """Puts an outer name in front of the path: a field's name, or an index `[3]`."""
        self.path = segment + self.path if not self.path or self.path[0] == "[" else f"{segment}.{self.path}"

    def __str__(self) -> str:
        text = f"{self.path}: {self.problem}" if self.path else self.problem
        if self.offset is not None:
            text = f"{text}, at byte {self.offset}"
        if self.place:
            text = f"{text}, at {self.place}"
        return text

    def __reduce__(self) -> tuple[type, tuple[str, str, int | None, str]]:
        return type(self), (self.problem, self.path, self.offset, self.place)


class DecodeError(_PathError):
    """Bytes or text that cannot be read. Carries `path` and `offset`; `place` is a line of YAML."""


class EncodeError(_PathError):
    """An object that cannot be written: a value that does not fit its field, or that has no such form."""


class NotRegisteredError(CodecError):
    """A kind that nobody registered, where its text form or its class is demanded."""


class EncryptedError(CodecError):
    """A value that the API server encrypted before it stored it.

    provider: `aescbc`, `aesgcm`, `secretbox`, `kms`, …; key_name: of the key in the server's
    EncryptionConfiguration, or of the KMS plugin; "" where the value names none.
    """

    def __init__(self, provider: str, key_name: str) -> None:
        super().__init__(provider, key_name)
        self.provider = provider
        self.key_name = key_name

    def __str__(self) -> str:
        named = f" with the key {self.key_name!r}" if self.key_name else ""
        return f"the value is encrypted by provider {self.provider!r}{named}"


class SourceError(CodecError):
    """A file, snapshot or server that cannot be read as a source of values."""


class SelectionError(CodecError):
    """Words that select nothing: a resource type that is unknown or ambiguous, a label selector that is none."""


class UnknownFieldsWarning(UserWarning):
    """A text form left out fields that the schema does not know; the object itself still holds them."""


def warn_caller(text: str) -> None:
    """UnknownFieldsWarning that names the line which called this library, however deep in the library it comes from."""
    import sys
    import warnings

    level = 2  # 1 is here
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "codec":
        frame = frame.f_back
        level += 1
    warnings.warn(text, UnknownFieldsWarning, stacklevel=level)
