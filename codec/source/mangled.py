"""Bytes that a terminal, an editor or a shell changed on the way: recognised and named, never repaired."""

from __future__ import annotations

from codec.errors import DecodeError
from codec.storage import ENCRYPTED, MAGIC

REPLACEMENT = b"\xef\xbf\xbd"  # U+FFFD in UTF-8: what a program that reads text puts for bytes that are none
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ADVICE = "write it with `etcdctl get KEY -w json`"


def damage(data: bytes) -> str:
    """What happened to bytes that do not decode, with advice; "" where nothing points to anything."""
    if data.startswith(UTF16_MARKS):
        return f"the bytes were rewritten as UTF-16, as PowerShell does when it redirects output: {ADVICE}"
    start = _start_of_value(data)
    head = data[start : start + len(MAGIC) + 2]
    if head.startswith(MAGIC + b"\r\n") or (b"\n" in data and data.count(b"\n") == data.count(b"\r\n")):
        # The first byte after the magic is the tag of field 1, 0x0a: a newline to a terminal.
        return f"a terminal turned every newline byte into \\r\\n: run `kubectl exec` without -t, or {ADVICE}"
    if REPLACEMENT in data:
        return f"it holds U+FFFD, which screens and editors put for bytes that are no text: {ADVICE}"
    if head.startswith(b"k8s^@"):
        return f"control bytes were written as ^@ and the like, as `cat -v` does: {ADVICE}"
    if head.startswith(b"k8s") and not head.startswith((MAGIC, ENCRYPTED[:4])):
        return f"the NUL byte after `k8s` is missing, as copying from a screen loses it: {ADVICE}"
    return ""


def check(data: bytes, error: DecodeError | None = None) -> None:
    """Raises the DecodeError that names the damage, if there is any to be seen, and `error`, which it led to."""
    if problem := damage(data):
        raise DecodeError(f"{problem} ({error})" if error is not None else problem)


def _start_of_value(data: bytes) -> int:
    """Past the line of the key, if there is one."""
    return data.find(b"\n") + 1 if data.startswith(b"/") else 0
