"""Label selectors, as kubectl's -l takes them.

The grammar, its quirks included, is that of apimachinery pkg/labels/selector.go; scripts/go/oracle is its judge.
"""

from __future__ import annotations

from codec.errors import SelectionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEY_LENGTH = VALUE_LENGTH = 63  # bytes; pkg/util/validation
SUBDOMAIN_LENGTH = 253  # bytes; RFC 1123
INT64_DIGITS = 19

_SYMBOLS = "=!(),><"
_SPACE = " \t\r\n"
NUL = "\0"  # ends a token, and where none has begun all
_BREAKS = _SYMBOLS + _SPACE + NUL
_OPERATORS = frozenset(("in", "notin", "=", "==", "!=", ">", "<"))
_TOKENS = _OPERATORS | {")", "(", ",", "!"}
_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_ALNUM = _LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

END = ""  # the token behind the last
WORD, OPERATOR = "word", "operator"

Token = tuple[str, str]  # what it is, and its text


class Requirement:
    """One condition. operator: `in`, `notin`, `exists`, `!`, `>` or `<`; `=` and `==` are an `in` of one value."""

    __slots__ = ("key", "number", "operator", "values")

    def __init__(self, key: str, operator: str, values: Sequence[str] = ()) -> None:
        self.key = key
        self.operator = operator
        self.values = frozenset(values)
        self.number = _int64(next(iter(values))) if operator in (">", "<") else None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil it. A missing label fulfils `notin` and `!=`, as it does in Kubernetes."""
        value = labels.get(self.key)
        if self.operator == "exists":
            return value is not None
        if self.operator == "!":
            return value is None
        if value is None:
            return self.operator == "notin"
        if self.operator == "in":
            return value in self.values
        if self.operator == "notin":
            return value not in self.values
        number = _int64(value)
        if number is None or self.number is None:
            return False
        return number > self.number if self.operator == ">" else number < self.number


class Selector:
    """Conditions that must all be fulfilled; none at all select everything."""

    __slots__ = ("requirements",)

    def __init__(self, requirements: Sequence[Requirement]) -> None:
        self.requirements = tuple(requirements)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil every condition."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    def __bool__(self) -> bool:
        return bool(self.requirements)


def parse(text: str) -> Selector:
    """`app=web,tier in (a, b),!old,weight>3` → a Selector. SelectionError for what labels.Parse refuses."""
    reader = _Reader(text)
    requirements = []
    while reader.peek()[0] != END:
        if reader.peek() != (OPERATOR, "!") and reader.peek()[0] != WORD:
            reader.fail("expected a label or `!`")
        requirements.append(reader.requirement())
        if reader.peek()[0] == END:
            break
        if reader.take() != (OPERATOR, ","):
            reader.fail("expected `,` or the end", -1)
        if reader.peek() != (OPERATOR, "!") and reader.peek()[0] != WORD:
            reader.fail("expected a label behind `,`")
    return Selector(requirements)


class _Reader:
    """The tokens of a selector, one after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    def fail(self, expected: str, back: int = 0) -> None:
        found = self.tokens[min(self.at + back, len(self.tokens) - 1)][1]
        raise SelectionError(f"label selector {self.text!r}: {expected}, found {found!r}")

    def peek(self, names: bool = True) -> Token:
        """The next token; `in` and `notin` are words but where an operator may stand."""
        kind, text = self.tokens[min(self.at, len(self.tokens) - 1)]
        return (WORD, text) if names and text in ("in", "notin") else (kind, text)

    def take(self, names: bool = True) -> Token:
        token = self.peek(names)
        self.at += 1
        return token

    def requirement(self) -> Requirement:
        absent = self.peek() == (OPERATOR, "!")
        self.at += absent
        kind, key = self.take()
        if kind != WORD:
            self.fail("expected a label", -1)
        if problem := key_problem(key):
            raise SelectionError(f"label selector {self.text!r}: {key!r} is no label: {problem}")
        if absent or self.peek()[0] == END or self.peek() == (OPERATOR, ","):
            return Requirement(key, "!" if absent else "exists")
        kind, operator = self.take(names=False)
        if operator not in _OPERATORS:
            self.fail("expected an operator: =, ==, !=, in, notin, >, <", -1)
        values = self.values() if operator in ("in", "notin") else [self.value()]
        for value in values:
            if problem := value_problem(value):
                raise SelectionError(f"label selector {self.text!r}: {value!r} is no value of a label: {problem}")
        if operator in (">", "<") and _int64(values[0]) is None:
            raise SelectionError(f"label selector {self.text!r}: {operator} compares integers, not {values[0]!r}")
        names = {"=": "in", "==": "in", "!=": "notin"}
        return Requirement(key, names.get(operator, operator), values)

    def value(self) -> str:
        if self.peek()[0] == END or self.peek() == (OPERATOR, ","):
            return ""
        kind, text = self.take()
        if kind != WORD:
            self.fail("expected a value", -1)
        return text

    def values(self) -> list[str]:
        """What stands in parentheses. An empty place there is an empty value."""
        if self.take() != (OPERATOR, "("):
            self.fail("expected `(`", -1)
        if self.peek() == (OPERATOR, ")"):
            self.at += 1
            return [""]
        found: list[str] = []
        while True:
            kind, text = self.take()
            if kind == WORD:
                found.append(text)
                if self.peek() == (OPERATOR, ")"):
                    break
                if self.peek() != (OPERATOR, ","):
                    self.fail("expected `,` or `)`")
            elif (kind, text) == (OPERATOR, ","):
                if not found:
                    found.append("")
                if self.peek() == (OPERATOR, ")"):
                    found.append("")
                    break
                if self.peek() == (OPERATOR, ","):
                    found.append("")
            else:
                self.fail("expected `,` or a value", -1)
        self.at += 1
        return found


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text) and text[at] != NUL:
        if text[at] in _SPACE:
            at += 1
            continue
        start = at
        if text[at] in _SYMBOLS:
            at += 2 if text[at : at + 2] in ("==", "!=") else 1
        else:
            while at < len(text) and text[at] not in _BREAKS:
                at += 1
        word = text[start:at]
        tokens.append((OPERATOR if word in _TOKENS else WORD, word))
        at += text[at : at + 1] == NUL
    tokens.append((END, ""))
    return tokens


def _consists(text: str, inside: str) -> bool:
    """Whether all characters are letters, digits or of `inside`, and the first and the last none of the latter."""
    return bool(text) and not text.strip(_ALNUM + inside) and text[0] in _ALNUM and text[-1] in _ALNUM


def key_problem(key: str) -> str:
    """Why a text cannot be the key of a label; "" where it can."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return "it has more than one slash"
    if slash and not _is_subdomain(prefix):
        return "what stands before the slash is no DNS subdomain"
    if not name or len(name) > KEY_LENGTH or not _consists(name, "-_."):
        return f"a name has at most {KEY_LENGTH} letters, digits, `-`, `_`, `.`, and begins and ends with the former"
    return ""


def _is_subdomain(text: str) -> bool:
    return len(text) <= SUBDOMAIN_LENGTH and all(
        _consists(part, "-") and part == part.lower() for part in text.split(".")
    )


def value_problem(value: str) -> str:
    """Why a text cannot be the value of a label; "" where it can."""
    if not value or (len(value) <= VALUE_LENGTH and _consists(value, "-_.")):
        return ""
    return f"a value has at most {VALUE_LENGTH} letters, digits, `-`, `_`, `.`, and begins and ends with the former"


def _int64(text: str) -> int | None:
    """Go's strconv.ParseInt(text, 10, 64)."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isascii() or not digits.isdecimal():
        return None
    digits = digits.lstrip("0")
    if len(digits) > INT64_DIGITS:
        return None
    number = int(digits or "0") * (-1 if text[0] == "-" else 1)
    return number if -(1 << 63) <= number < 1 << 63 else None
