"""JSON text → record, driven by the schema, as Go reads it; only duplicate and unknown keys are refused.

One pass over the text. Where the schema says raw JSON, the text itself is kept. Source of the rules: Go's
encoding/json and sigs.k8s.io/json (keys are case-sensitive, `null` is the zero value of everything).
"""

from __future__ import annotations

from codec import types
from codec.errors import NO_STACK, DecodeError, printable
from codec.message import PLAIN, zero
from codec.schema import MAP, OPTIONAL, REPEATED
from codec.types.jsonscan import JSONSyntaxError, skip_value
from codec.wire import MAX_DEPTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn

    from codec.schema import Field, MessageSchema, Record

INTEGER_RANGES = {
    "int32": (-(1 << 31), (1 << 31) - 1),
    "int64": (-(1 << 63), (1 << 63) - 1),
    "uint32": (0, (1 << 32) - 1),
    "uint64": (0, (1 << 64) - 1),
    "uint8": (0, (1 << 8) - 1),  # an element of a byte slice
}
INTEGER_RANGES["enum"] = INTEGER_RANGES["sint32"] = INTEGER_RANGES["sfixed32"] = INTEGER_RANGES["int32"]
INTEGER_RANGES["sint64"] = INTEGER_RANGES["sfixed64"] = INTEGER_RANGES["int64"]
INTEGER_RANGES["fixed32"] = INTEGER_RANGES["uint32"]
INTEGER_RANGES["fixed64"] = INTEGER_RANGES["uint64"]
MAX_INTEGER_LENGTH = 20  # characters of a 64-bit integer, sign included

_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_FIRST = {'"': "a string", "{": "an object", "[": "a list", "t": "a bool", "f": "a bool", "n": "null"}


class Cursor:
    """A place in JSON text. `depth` counts the objects and lists that are open, `messages` those that are messages.

    allow_unknown: keys that the schema does not know are passed over; allow_duplicates: the last of equal keys wins.
    """

    __slots__ = ("allow_duplicates", "allow_unknown", "depth", "messages", "pos", "text", "unknown")

    def __init__(self, text: str, allow_unknown: bool = False, allow_duplicates: bool = False) -> None:
        self.text = text
        self.pos = 0
        self.depth = 0
        self.messages = 0
        self.allow_unknown = allow_unknown
        self.allow_duplicates = allow_duplicates
        self.unknown = 0  # keys passed over

    def fail(self, problem: str, pos: int | None = None) -> NoReturn:
        place = self.pos if pos is None else pos
        raise DecodeError(problem, "", len(self.text[:place].encode("utf-8", "surrogateescape")))

    def peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        text, pos = self.text, self.pos
        while text[pos : pos + 1] in (" ", "\n", "\r", "\t"):
            pos += 1
        self.pos = pos
        return text[pos : pos + 1]

    def skip(self) -> None:
        """Passes over one value, whatever it is."""
        try:
            self.pos = skip_value(self.text, self.pos, self.depth)
        except JSONSyntaxError as error:
            self.fail(error.reason, error.pos)

    def raw(self) -> str:
        """The text of the next value, as it stands."""
        self.peek()
        start = self.pos
        self.skip()
        return self.text[start : self.pos]

    def expect(self, first: str, wanted: str) -> None:
        """The next value must begin with `first`."""
        found = self.peek()
        if found != first:
            start = self.pos
            self.skip()  # text that is no JSON at all is called that
            self.fail(f"expected {wanted}, got {_FIRST.get(found, 'a number')}", start)

    def null(self) -> bool:
        """Takes a `null`, if that comes next."""
        if self.peek() != "n":
            return False
        self.skip()
        return True

    def string(self) -> str:
        """A string; what is no Unicode in it becomes U+FFFD, as in Go."""
        self.expect('"', "a string")
        start = self.pos
        self.skip()
        text = self.text[start + 1 : self.pos - 1]
        if "\\" in text:
            text = _unescape(text)
        return text if text.isascii() else _replace_surrogates(text)

    def members(self) -> Iterator[str]:
        """The keys of an object, each with the cursor on its value, which the caller must take."""
        self.expect("{", "an object")
        opened = self.pos
        self.pos += 1
        self.depth += 1
        seen = set()
        if self.peek() == "}":
            self.pos += 1
        else:
            while True:
                if self.peek() != '"':
                    self.fail("expected an object key")
                start = self.pos
                key = self.string()
                if self.peek() != ":":
                    self.fail("expected ':' after an object key")
                self.pos += 1
                if key in seen and not self.allow_duplicates:
                    self.fail(f"duplicate key {printable(key)!r}", start)
                seen.add(key)
                yield key
                if not self._goes_on("}", opened):
                    break
        self.depth -= 1

    def elements(self) -> Iterator[int]:
        """The indices of a list, each with the cursor on its element, which the caller must take."""
        self.expect("[", "a list")
        opened = self.pos
        self.pos += 1
        self.depth += 1
        index = 0
        if self.peek() == "]":
            self.pos += 1
        else:
            while True:
                yield index
                index += 1
                if not self._goes_on("]", opened):
                    break
        self.depth -= 1

    def _goes_on(self, closer: str, opened: int) -> bool:
        mark = self.peek()
        if mark == ",":
            self.pos += 1
            if self.peek() == closer:
                self.fail(f"expected a value, got '{closer}'")
            return True
        if mark != closer:
            self.fail(f"expected ',' or '{closer}'" if mark else f"'{self.text[opened]}' without an end")
        self.pos += 1
        return False

    def end(self) -> None:
        """Nothing but white space may follow."""
        if self.peek():
            self.fail("text after the JSON value")


def _unescape(text: str) -> str:
    """Resolves the escapes of a string that the scanner accepted. Half of a surrogate pair becomes U+FFFD."""
    out = []
    pos = 0
    while (escape := text.find("\\", pos)) >= 0:
        out.append(text[pos:escape])
        mark = text[escape + 1]
        if mark != "u":
            out.append(_ESCAPES[mark])
            pos = escape + 2
            continue
        code = int(text[escape + 2 : escape + 6], 16)
        pos = escape + 6
        if 0xD800 <= code < 0xE000:
            low = int(text[pos + 2 : pos + 6], 16) if text.startswith("\\u", pos) else 0
            if code < 0xDC00 <= low < 0xE000:
                code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF)
                pos += 6
            else:
                code = 0xFFFD
        out.append(chr(code))
    out.append(text[pos:])
    return "".join(out)


def _replace_surrogates(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if 0xD800 <= ord(char) < 0xE000 else char for char in text)
    return text


def read(schema: MessageSchema, cursor: Cursor) -> Record[Any]:
    """Reads the JSON of a message at the cursor. DecodeError with path and offset (bytes of the JSON text)."""
    _check_depth(cursor)
    cursor.messages += 1
    of_form = _FORMS.get(schema.form)
    record = of_form(schema, cursor) if of_form else _object(schema, cursor)
    cursor.messages -= 1
    return record


def _check_depth(cursor: Cursor) -> None:
    """Messages nest no deeper than on the wire: what is read here can be written there, and the other way round."""
    if cursor.messages > MAX_DEPTH:
        cursor.fail(f"nested deeper than {MAX_DEPTH}")


def _object(schema: MessageSchema, cursor: Cursor) -> Record[Any]:
    record = schema.blank()
    if cursor.null():
        return record
    by_json = schema.by_json
    for key in cursor.members():
        try:
            if key in by_json:
                field, slot = by_json[key]
                record[slot] = _field(field, cursor)
            elif schema.type_meta and key in ("apiVersion", "kind"):
                record[key == "kind"] = "" if cursor.null() else cursor.string()
            else:
                _pass_over(cursor)
        except DecodeError as error:
            error.inside(printable(key))
            raise
        except RecursionError:
            raise DecodeError(NO_STACK, printable(key)) from None
    return record


def _pass_over(cursor: Cursor) -> None:
    if not cursor.allow_unknown:
        cursor.fail("unknown field")
    cursor.unknown += 1
    cursor.peek()
    cursor.skip()


def _field(field: Field, cursor: Cursor) -> Any:
    if cursor.null():
        return None if field.is_message or field.label in (OPTIONAL, REPEATED, MAP) else field.zero
    if field.form not in PLAIN:
        _check_depth(cursor)
    if field.label == REPEATED:
        return [_element(field, cursor, index) for index in cursor.elements()]
    if field.label == MAP:
        return {key: _element(field, cursor, printable(key)) for key in cursor.members()}
    return _single(field, cursor)


def _element(field: Field, cursor: Cursor, place: object) -> Any:
    try:
        if field.form in PLAIN and field.is_message:
            return read(field.message, cursor)
        if cursor.null():
            return zero(field.message) if field.is_message else field.zero
        return _single(field, cursor)
    except DecodeError as error:
        error.inside(f"[{place}]")
        raise


def _single(field: Field, cursor: Cursor) -> Any:
    if field.is_message and field.form in PLAIN:
        return read(field.message, cursor)
    start = cursor.pos
    try:
        return _VALUES[field.form](cursor) if field.is_message else _SCALARS[field.kind](field.kind, cursor)
    except ValueError as error:
        cursor.fail(str(error), start)


def _bool(kind: str, cursor: Cursor) -> bool:
    if cursor.peek() not in ("t", "f"):
        cursor.expect("t", "a bool")
    start = cursor.pos
    cursor.skip()
    return cursor.pos - start == len("true")


def _number(cursor: Cursor, wanted: str) -> str:
    """The literal of a number."""
    found = cursor.peek()
    text = cursor.raw()
    if found in _FIRST:
        raise ValueError(f"expected {wanted}, got {_FIRST[found]}")
    return text


def _integer(kind: str, cursor: Cursor) -> int:
    text = _number(cursor, "an integer")
    if not text.removeprefix("-").isdecimal():
        raise ValueError("expected an integer, got a number with a fraction or exponent")
    low, high = INTEGER_RANGES[kind]
    if len(text) <= MAX_INTEGER_LENGTH and low <= int(text) <= high:
        return int(text)
    raise ValueError(f"the integer is out of range for {kind}")


def _floating(kind: str, cursor: Cursor) -> float:
    value = float(_number(cursor, "a number"))
    if value in (float("inf"), float("-inf")):
        raise ValueError("the number is out of range")
    return value


def _bytes(kind: str, cursor: Cursor) -> bytes:
    """base64 with padding; line breaks in it are passed over, as Go's decoder does. A list of bytes is read too."""
    if cursor.peek() == "[":
        return bytes([0 if cursor.null() else _integer("uint8", cursor) for _ in cursor.elements()])
    from binascii import Error, a2b_base64

    text = cursor.string()
    try:
        return a2b_base64(text.replace("\n", "").replace("\r", "").encode(), strict_mode=True)
    except Error as error:
        raise ValueError(f"bad base64: {error}") from None


# kind of a scalar → its reader
_SCALARS: dict[str, Callable[[str, Cursor], Any]] = {
    "bool": _bool,
    "string": lambda kind, cursor: cursor.string(),
    "bytes": _bytes,
    "double": _floating,
    "float": _floating,
    **dict.fromkeys(INTEGER_RANGES, _integer),
}


def _quantity(cursor: Cursor) -> types.Quantity:
    # The text between the quotes as it stands, escapes and all; apimachinery pkg/api/resource/quantity.go.
    text = cursor.raw()
    quantity = types.Quantity(text[1:-1].strip() if text[0] == '"' else text)
    if not quantity.valid:
        raise ValueError("not a quantity")
    return quantity


def _int_or_string(cursor: Cursor) -> int | str:
    found = cursor.peek()
    if found in _FIRST:
        cursor.expect('"', "an integer or a string")
        return cursor.string()
    return _integer("int32", cursor)


def _raw(cursor: Cursor) -> types.RawJSON:
    return types.RawJSON(cursor.raw().encode("utf-8", "surrogateescape"))


def _strings(cursor: Cursor) -> list[str]:
    return ["" if cursor.null() else cursor.string() for _ in cursor.elements()]


# form → the reader of a value type; see codec.message
_VALUES: dict[str, Callable[[Cursor], Any]] = {
    "time": lambda cursor: types.Time.parse(cursor.string()),
    "micro_time": lambda cursor: types.MicroTime.parse(cursor.string()),
    "duration": lambda cursor: types.Duration.parse(cursor.string()),
    "quantity": _quantity,
    "int_or_string": _int_or_string,
    "raw_extension": _raw,
    "fields_v1": _raw,
    "json": _raw,
    "list": _strings,
}


def _schema_or_array(schema: MessageSchema, cursor: Cursor) -> Record[Any]:
    """apiextensions JSONSchemaPropsOrArray: an object or a list of objects."""
    record = schema.blank()
    found = cursor.peek()
    if found == "{":
        record[0] = read(schema.fields[0].message, cursor)
    elif found == "[":
        record[1] = [_element(schema.fields[1], cursor, index) for index in cursor.elements()]
    else:
        cursor.expect("{", "an object or a list")
    return record


def _schema_or_bool(schema: MessageSchema, cursor: Cursor) -> Record[Any]:
    """apiextensions JSONSchemaPropsOrBool: an object or a bool."""
    record = schema.blank()
    if cursor.peek() == "{":
        record[0] = True
        record[1] = read(schema.fields[1].message, cursor)
    else:
        if cursor.peek() not in ("t", "f"):
            cursor.expect("{", "an object or a bool")
        record[0] = _bool("bool", cursor)
    return record


def _schema_or_string_array(schema: MessageSchema, cursor: Cursor) -> Record[Any]:
    """apiextensions JSONSchemaPropsOrStringArray: an object or a list of strings."""
    record = schema.blank()
    found = cursor.peek()
    if found == "{":
        record[0] = read(schema.fields[0].message, cursor)
    elif found == "[":
        record[1] = _strings(cursor)
    elif not cursor.null():
        cursor.expect("{", "an object or a list of strings")
    return record


# form → the reader of a message whose JSON is no object, though it is held as a message
_FORMS: dict[str, Callable[[MessageSchema, Cursor], Record[Any]]] = {
    "schema_or_array": _schema_or_array,
    "schema_or_bool": _schema_or_bool,
    "schema_or_string_array": _schema_or_string_array,
}
