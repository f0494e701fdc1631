"""Tells whether text is JSON by the rules of Go's encoding/json, and where a value ends, without keeping the value.

RawJSON and the JSON reader stand on it. C code of the standard library answers the usual case; a scanner of our
own, without recursion, answers deep nesting and says where bad JSON is bad."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match
    from typing import Any, NoReturn

    Matcher = Callable[[str, int], Match[str] | None]

MAX_DEPTH = 10_000  # open arrays and objects at once; Go encoding/json scanner.go, maxNestingDepth

# Up to Python 3.11 C code nests no deeper than the recursion limit, far below MAX_DEPTH. Later ones have a limit of
# their own that may lie above it.
_C_NESTING_IS_SHALLOW = sys.version_info < (3, 12)

_WHITESPACE = " \t\n\r"


class JSONSyntaxError(ValueError):
    """Text that Go's JSON scanner refuses.

    reason: what was expected or wrong, without quoting the text. pos: index of the first character that cannot
    stand where it stands, or the length of the text where it ends too early."""

    def __init__(self, reason: str, pos: int) -> None:
        super().__init__(reason, pos)
        self.reason = reason
        self.pos = pos

    def __str__(self) -> str:
        return f"{self.reason} at offset {self.pos}"


def skip_value(text: str, pos: int = 0, depth: int = 0) -> int:
    """Returns the index just past the one JSON value that starts at pos (white space before it is skipped).

    What follows the value is not looked at: `skip_value("1 x")` is 1, and so is `skip_value("1.")`. depth is the
    number of arrays and objects already open around the value; more than MAX_DEPTH in all are refused. Characters
    from U+0080 on, lone surrogates among them, are accepted inside strings, as Go accepts any bytes there.

    Raises JSONSyntaxError. Takes time and memory in proportion to the value."""
    length = len(text)
    while pos < length and text[pos] in _WHITESPACE:
        pos += 1
    if pos < length and depth < MAX_DEPTH:
        scan = _c_scanner()
        if scan is not None:
            try:
                end = scan(text, pos)[1]
            except (StopIteration, ValueError, RecursionError, SystemError):
                pass  # our own scanner finds the place, or accepts what is only deep
            else:
                if _fits(text, pos, end, MAX_DEPTH - depth):
                    return end
    return _scan(text, pos, depth)


def check(text: str) -> None:
    """Raises JSONSyntaxError unless text is exactly one JSON value, with or without white space around it."""
    end = skip_value(text, 0)
    length = len(text)
    while end < length and text[end] in _WHITESPACE:
        end += 1
    if end != length:
        raise JSONSyntaxError("text after the JSON value", end)


def _fits(text: str, start: int, end: int, room: int) -> bool:
    """Whether a value that C code accepted is, by signs that are cheap to see, nested no deeper than room."""
    if _C_NESTING_IS_SHALLOW and sys.getrecursionlimit() < room:
        return True
    return text.count("[", start, end) + text.count("{", start, end) <= room


class _ScannerContext:
    """What _json.make_scanner wants to know. Numbers become their length: no float is made and no huge int."""

    strict = True  # a control character inside a string is an error
    object_hook = None
    object_pairs_hook = None
    array_hook = None
    parse_float = len
    parse_int = len

    @staticmethod
    def parse_constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")  # NaN, Infinity and -Infinity are Python's own


_scanner: Callable[[str, int], tuple[Any, int]] | None = None


def _c_scanner() -> Callable[[str, int], tuple[Any, int]] | None:
    """The C scanner under the json module, taken without json itself, whose import is slow; None where there is none.

    Up to Python 3.12 it cannot make its exception while json.decoder is not loaded. An ordinary build of CPython then
    raises SystemError; a debug build ends the process, so it is not used there."""
    global _scanner
    if _scanner is None:
        if hasattr(sys, "gettotalrefcount"):  # a debug build
            return None
        try:
            from _json import make_scanner
        except ImportError:  # an interpreter other than CPython
            return None
        context: Any = _ScannerContext()  # the stubs want a scanner here
        _scanner = make_scanner(context)
    return _scanner


_matchers: tuple[Matcher, Matcher, Matcher] | None = None


def _patterns() -> tuple[Matcher, Matcher, Matcher]:
    """Matchers of white space, of a scalar, and of as much of a string as is good."""
    global _matchers
    if _matchers is None:
        import re

        content = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+'
        number = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
        _matchers = (
            re.compile(r"[ \t\n\r]*+").match,
            re.compile(f'{content}"|{number}|true|false|null').match,
            re.compile(content).match,
        )
    return _matchers


def _scan(text: str, pos: int, depth: int) -> int:
    """skip_value in plain steps: the open arrays and objects stand in a list, as their closing brackets."""
    skip_whitespace, match_scalar, _ = _patterns()
    length = len(text)
    closers: list[str] = []

    def after_whitespace(pos: int) -> int:
        found = skip_whitespace(text, pos)
        return found.end() if found else pos

    def at(pos: int) -> str:
        return text[pos] if pos < length else ""

    def after_key(pos: int) -> int:
        """Past the key at pos and its colon."""
        if at(pos) != '"':
            raise JSONSyntaxError("expected an object key", pos)
        found = match_scalar(text, pos)
        if found is None:
            _explain(text, pos)
        pos = after_whitespace(found.end())
        if at(pos) != ":":
            raise JSONSyntaxError("expected ':' after an object key", pos)
        return pos + 1

    while True:
        pos = after_whitespace(pos)
        opener = at(pos)
        if opener == "{" or opener == "[":
            closer = "}" if opener == "{" else "]"
            if depth + len(closers) >= MAX_DEPTH:
                raise JSONSyntaxError(f"nested deeper than {MAX_DEPTH}", pos)
            pos = after_whitespace(pos + 1)
            if at(pos) != closer:
                closers.append(closer)
                if closer == "}":
                    pos = after_key(pos)
                continue
            pos += 1
        else:
            found = match_scalar(text, pos)
            if found is None:
                _explain(text, pos)
            pos = found.end()
        while closers:
            pos = after_whitespace(pos)
            mark = at(pos)
            if mark == ",":
                pos += 1
                if closers[-1] == "}":
                    pos = after_key(after_whitespace(pos))
                break
            if mark != closers[-1]:
                raise JSONSyntaxError(f"expected ',' or '{closers[-1]}'", pos)
            closers.pop()
            pos += 1
        else:
            return pos


def _explain(text: str, pos: int) -> NoReturn:
    """Says what is wrong with the scalar at pos, which matched none."""
    length = len(text)
    if pos == length:
        raise JSONSyntaxError("expected a JSON value", pos)
    if text[pos] == '"':
        found = _patterns()[2](text, pos)
        assert found is not None
        end = found.end()
        if end == length:
            raise JSONSyntaxError("string without an end", end)
        if text[end] == "\\":
            raise JSONSyntaxError("bad escape in a string", end)
        raise JSONSyntaxError("control character in a string", end)
    if text[pos] == "-":
        raise JSONSyntaxError("expected a digit after '-'", pos + 1)
    for word in ("true", "false", "null"):
        if text[pos] == word[0]:
            same = 1
            while text.startswith(word[: same + 1], pos):
                same += 1
            raise JSONSyntaxError(f"expected the word {word}", pos + same)
    raise JSONSyntaxError("expected a JSON value", pos)
