"""Plain tree → YAML, byte for byte as sigs.k8s.io/yaml prints the same JSON.

Keys stand in natural order (key9 before key10), lists are not indented below their key, lines fold after 80 columns.
The rules are those of goyaml.v2's emitter (encode.go, emitterc.go, sorter.go).

Upstream differs in what it cannot print or loses, because it reads its own JSON as YAML first. Here these are printed
so that they read back as they are:
- U+007F, U+0080 to U+009F, U+FFFE, U+FFFF: an error upstream;
- U+0085: upstream takes it for a line break and folds it away;
- keys of more than 1,022 characters: an error upstream;
- in raw JSON the escapes \\/ and of surrogate pairs, and bytes that are no UTF-8: an error upstream."""

from __future__ import annotations

from codec.text.number import format_float, format_general
from codec.text.yaml_scalar import INT64_MIN, NUMBER_START, UINT64_MAX, reads_as_string, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

MAX_DEPTH = 10_000  # open lists and mappings at once; goyaml.v2 scannerc.go, max_flow_level
WIDTH = 80  # columns; a line folds at the first space past it. goyaml.v2 emitterc.go, best_width
# Spaces of indentation in one text. Deep nesting would make them the square of the input, as they are upstream; ours.
MAX_PADDING = 64 << 20
DEEP = 200  # columns of indentation, from which on what a string's own lines need of them is counted too
STEP = 2  # columns a level; best_indent
SIMPLE_KEY_LENGTH = 128  # bytes of UTF-8; a longer key is written after "? ". yaml_emitter_check_simple_key


def dump(tree: Any) -> str:
    """The YAML of a plain tree (None, bool, int, float, str, list, dict, types.RawJSON), with a newline at the end.

    Numbers are printed as YAML would read their JSON: 1e6 from a float is 1000000, from raw JSON 1e+06.
    Lone surrogates, which stand for bytes that are no UTF-8, become U+FFFD. Raises ValueError for NaN and infinities,
    for RawJSON that is no JSON and for more than 10,000 levels (or where indentation would be more than MAX_PADDING
    characters), TypeError for a value that has no place in a tree."""
    tree = _node(tree)
    if type(tree) not in (dict, list):
        return tree if type(tree) is _Word else _string(tree, 0, STEP)
    if not tree:
        return "{}\n" if type(tree) is dict else "[]\n"
    parts: list[str] = []
    put = parts.append
    keys: dict[str, str] = {}  # how each key is written, with its colon; "" for one that needs "? "
    stack: list[tuple[Iterator[Any], bool, int]] = []  # the containers around: iterator, whether a mapping, indent
    is_mapping = type(tree) is dict
    items: Iterator[Any] = _entries(tree) if is_mapping else iter(tree)
    value: Any
    indent = 0
    pad = ""  # the spaces before an item of the current container
    lead = ""  # what really stands before the next one: nothing where its line has begun
    padding = 0
    while True:
        for item in items:
            column = indent + STEP
            inline = True  # whether a container goes on in the line that has begun
            if is_mapping:
                key, value = item
                text = keys.get(key)
                if text is None:
                    text = keys[key] = _simple_key(key)
                if text:
                    put(lead + text)
                    column = indent + len(text) + 1
                    inline = False
                else:
                    put(f"{lead}? {_string(key, column, column)}{pad}:")
            else:
                value = item
                put(lead + "-")
            lead = pad
            kind = type(value)
            if kind is not str and kind is not dict and kind is not list:
                value = _node(value)
                kind = type(value)
            if kind is str:
                if indent > DEEP:
                    padding += (value.count(" ") + value.count("\n") + 1) * indent
                    if padding > MAX_PADDING:
                        raise ValueError("nested too deeply")
                put(" " + _string(value, column, indent + STEP))
            elif kind is _Word:
                put(" " + value)
            elif not value:
                put(" {}\n" if kind is dict else " []\n")
            else:
                put(" " if inline else "\n")
                stack.append((items, is_mapping, indent))
                is_mapping = kind is dict
                items = _entries(value) if is_mapping else iter(value)
                if is_mapping or inline:
                    indent += STEP
                    pad = " " * indent
                lead = "" if inline else pad
                break
        else:
            if not stack:
                return "".join(parts)
            items, is_mapping, indent = stack.pop()
            lead = pad = " " * indent
            continue
        padding += (len(value) - inline) * indent
        if len(stack) >= MAX_DEPTH or padding > MAX_PADDING:
            raise ValueError("nested too deeply")


class _Word(str):
    """A scalar that is no string, as it is printed, with its newline."""

    __slots__ = ()


_NULL = _Word("null\n")
_TRUE = _Word("true\n")
_FALSE = _Word("false\n")


def _node(value: Any) -> Any:
    """A node of the tree as exactly one of dict, list, str and _Word."""
    if value is None:
        return _NULL
    kind = type(value)
    if kind in (str, dict, list, _Word):
        return value
    if kind is bool:
        return _TRUE if value else _FALSE
    if isinstance(value, int):
        if INT64_MIN <= value <= UINT64_MAX:
            return _Word(f"{int(value)}\n")
        return _number(str(int(value)))
    if isinstance(value, float):
        return _number(format_float(value))
    if isinstance(value, str):  # a StrEnum's member
        return str.__str__(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list):
        return list(value)
    if hasattr(kind, "compact"):  # types.RawJSON, which is not imported for this
        from codec.text.json_scanner import parse

        raw = b"null" if value.raw is None else value.raw
        return _node(parse(raw.decode("utf-8", "surrogateescape"), _number))
    raise TypeError(f"a {kind.__name__} has no place in a plain tree")


def _number(text: str) -> _Word:
    """A JSON number as YAML reads and prints it: 1.0 → 1, 1e6 → 1e+06; what overflows a float64 stays as it is."""
    value = resolve(text)
    return _Word((format_general(value) if isinstance(value, float) else str(value)) + "\n")


def _entries(mapping: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The entries in the order of goyaml.v2's sorter.go."""
    text = "".join(mapping)
    if not text.isprintable() and _is_broken(text):
        mapping = {_repaired(key): value for key, value in mapping.items()}
    if text.isascii() and (text.isalpha() or _NEEDS_NATURAL_ORDER.isdisjoint(text)):
        return iter(sorted(mapping.items(), key=_first))
    return iter(sorted(mapping.items(), key=_natural))


# Without these, natural order is the order of ASCII: what is no letter comes before all letters.
_NEEDS_NATURAL_ORDER = frozenset("0123456789[\\]^_`{|}~\x7f")


def _first(entry: tuple[str, Any]) -> str:
    return entry[0]


def _natural(entry: tuple[str, Any]) -> _NaturalKey:
    return _NaturalKey(entry[0])


class _NaturalKey:
    """Compares at the first different character: a letter comes after all else, digits count as the number they
    begin. The relation has cycles (a12 < a1b < a2 < a12); there upstream's order is random."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __lt__(self, other: _NaturalKey) -> bool:
        a, b = self.text, other.text
        place = 0
        for left, right in zip(a, b, strict=False):
            if left != right:
                break
            place += 1
        else:
            return len(a) < len(b)
        if left.isalpha() or right.isalpha():
            return left < right if left.isalpha() and right.isalpha() else right.isalpha()
        # A zero takes part in the number before it, unless that has only zeros.
        start = 0
        if left == "0" or right == "0":
            before = place - 1
            while before >= 0 and a[before].isdecimal():
                if a[before] != "0":
                    start = 1
                    break
                before -= 1
        left_number, left_end = _digits(a, place, start)
        right_number, right_end = _digits(b, place, start)
        if left_number != right_number:
            return left_number < right_number
        if left_end != right_end:
            return left_end < right_end
        return left < right


def _digits(text: str, place: int, number: int) -> tuple[int, int]:
    """number with the digits at place behind it, as an int64 that wraps, and the place after them."""
    while place < len(text) and text[place].isdecimal():
        number = (number * 10 + ord(text[place]) - 48) & 0xFFFFFFFFFFFFFFFF
        place += 1
    return (number - (1 << 64) if number >> 63 else number), place


# The first character of a string tells most of it: indicators of YAML, what may be one with the next characters, and
# what numbers, booleans and null start with.
_INDICATORS = frozenset(" #,[]{}&*!|>'\"%@`")
_WITH_DOUBTS = frozenset("?:-.")
_WITH_DOUBTS_BEFORE = dict.fromkeys("?:-", ("", " "))
_MAY_MEAN_MORE = NUMBER_START | frozenset("yYnNtTfFoO~")
_BREAKS = frozenset("\n\r\x85\u2028\u2029")
_ODD_BREAKS = ("\u2028", "\u2029")  # printable ones other than the newline


def _simple_key(key: str) -> str:
    """A key with its colon; "" where it has to be written after "? "."""
    if not (key.isascii() and key.isprintable() and len(key) <= SIMPLE_KEY_LENGTH):
        if len(key.encode("utf-8", "surrogatepass")) > SIMPLE_KEY_LENGTH or not _BREAKS.isdisjoint(key):
            return ""
        if _is_special(key):
            return _double_quoted(key) + ":"
    if not key or (key[0] in _MAY_MEAN_MORE and not reads_as_string(key)):
        return _double_quoted(key) + ":"
    return key + ":" if _is_plain(key) else "'" + key.replace("'", "''") + "':"


def _string(text: str, column: int, indent: int) -> str:
    """A string as a value, with the newline behind it.

    column: of its first character; indent: of its further lines."""
    if not (text.isascii() and text.isprintable()):
        if _is_broken(text):
            text = _repaired(text)
        if "\n" in text:
            if text[-1] == " " or " \n" in text or _is_special(text):
                return _double_quoted(text, column, indent) + "\n"
            return _literal(text, indent)
        if _is_special(text):
            return _double_quoted(text, column, indent) + "\n"
        for char in _ODD_BREAKS:
            if char in text:
                return _single_quoted_lines(text, column, indent) + "\n"
    if not text or (text[0] in _MAY_MEAN_MORE and not reads_as_string(text)):
        return _double_quoted(text, column, indent) + "\n"
    if _is_plain(text):
        return (_folded(text, column, indent) if column + len(text) > WIDTH else text) + "\n"
    return _folded("'" + text.replace("'", "''") + "'", column, indent, quotes=1) + "\n"


def _is_broken(text: str) -> bool:
    """Whether there are lone surrogates, which stand for bytes that are no UTF-8."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _repaired(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def _is_special(text: str) -> bool:
    """Whether something can be written by an escape only: what YAML 1.1 does not print, or what would read back
    differently in another style, as a space before a line break does."""
    for char in _ODD_BREAKS:
        if char in text and (" " + char in text or (char + " " in text and "\n" not in text)):
            return True
    if not text.isascii() and max(text) > "\uffff":
        return True
    return not text.isprintable() and any(_is_unprintable(ord(char)) for char in text if not char.isprintable())


def _is_unprintable(code: int) -> bool:
    """goyaml.v2 yamlprivateh.go is_printable; characters beyond U+FFFF are not, by an old restriction of libyaml."""
    return not (
        code == 0x0A or 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xD7FF or (0xE000 <= code <= 0xFFFD and code != 0xFEFF)
    )


def _is_plain(text: str) -> bool:
    """Whether a string of one line, not empty and without special characters, needs no quotes for its form."""
    first = text[0]
    last = text[-1]
    if first in _INDICATORS or last == ":":
        return False
    if first in _WITH_DOUBTS and (text[1:2] in _WITH_DOUBTS_BEFORE.get(first, ()) or text.startswith(("---", "..."))):
        return False
    return " " not in text or (last != " " and ": " not in text and " #" not in text)


def _folded(text: str, column: int, indent: int, quotes: int = 0, escape: bool = False) -> str:
    """text with line breaks for some of its spaces: single ones past the width, not at the ends.

    quotes: characters at each end that are not content. escape: a fold may stand before a further space too, which a
    backslash then keeps (double quotes)."""
    last = len(text) - 1 - quotes  # the last place of the content
    place = text.find(" ", max(WIDTH + 1 - column, 1 + quotes))
    if not quotes <= place < last:
        return text
    pad = " " * indent
    parts: list[str] = []
    start = 0
    while 0 <= place < last:
        before_space = text[place + 1] == " "
        if text[place - 1] == " " or (before_space and not escape):
            place = text.find(" ", place + 1)
            continue
        parts.append(f"{text[start:place]}\n{pad}\\" if before_space else f"{text[start:place]}\n{pad}")
        start = place + 1
        place = text.find(" ", max(start, start + WIDTH + 1 - indent - before_space))
    parts.append(text[start:])
    return "".join(parts)


def _double_quoted(text: str, column: int = -1, indent: int = 0) -> str:
    """Without a column it is not folded."""
    if text[:1] == "\ufeff":  # upstream takes every character behind a byte order mark for one
        text = "".join(_NAMED_ESCAPES.get(ord(char)) or _hex(ord(char)) for char in text)
    elif not (text.isascii() and text.isprintable()) or '"' in text or "\\" in text:
        text = text.translate(_ESCAPES)
    return f'"{text}"' if column < 0 else _folded(f'"{text}"', column, indent, quotes=1, escape=True)


_NAMED_ESCAPES = {
    ord(char): "\\" + name
    for char, name in zip('\0\a\b\t\n\v\f\r\x1b"\\\x85\xa0\u2028\u2029', '0abtnvfre"\\N_LP', strict=True)
}


def _hex(code: int) -> str:
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


class _Escapes(dict[int, str | int]):
    """What str.translate asks for each character of a double-quoted scalar."""

    def __missing__(self, code: int) -> str | int:
        return _hex(code) if _is_unprintable(code) else code


_ESCAPES = _Escapes({code: code for code in range(0x20, 0x7F)})
_ESCAPES.update({code: text for code, text in _NAMED_ESCAPES.items() if code != 0xA0})  # which is printable


def _single_quoted_lines(text: str, column: int, indent: int) -> str:
    """A single-quoted scalar with U+2028 or U+2029 in it, which stand as they are and begin a line."""
    parts = ["'"]
    column += 1
    after_break = False
    for place, char in enumerate(text):
        if char in _ODD_BREAKS:
            parts.append(char)
            column = 0
            after_break = True
            continue
        if after_break:
            parts.append(" " * indent)
            column = indent
            after_break = False
        if (
            char == " "
            and column > WIDTH
            and 0 < place < len(text) - 1
            and " " not in (text[place - 1], text[place + 1])
        ):
            parts.append("\n" + " " * indent)
            column = indent
            continue
        parts.append("''" if char == "'" else char)
        column += 2 if char == "'" else 1
    parts.append("'")
    return "".join(parts)


def _literal(text: str, indent: int) -> str:
    """A block scalar, up to the start of the next line."""
    hint = str(STEP) if text[0] in _BREAKS or text[0] == " " else ""
    ends_line = text[-1] in _BREAKS
    chomp = "-" if not ends_line else "+" if len(text) == 1 or text[-2] in _BREAKS else ""
    pad = " " * indent
    lines: Iterable[str] = text.split("\n")
    if any(char in text for char in _ODD_BREAKS):
        lines = (_padded_after_breaks(line, pad) for line in lines)
    body = "\n".join([pad + line if line and line[0] not in _ODD_BREAKS else line for line in lines])
    return f"|{hint}{chomp}\n{body}" if ends_line else f"|{hint}{chomp}\n{body}\n"


def _padded_after_breaks(line: str, pad: str) -> str:
    parts: list[str] = []
    before = ""
    for char in line:
        if before in _ODD_BREAKS and char not in _ODD_BREAKS:
            parts.append(pad)
        parts.append(char)
        before = char
    return "".join(parts)
