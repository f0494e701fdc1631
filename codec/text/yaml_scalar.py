"""What a plain (unquoted) YAML scalar means, by goyaml.v2's reading of YAML 1.1 (resolve.go, encode.go).

The reader takes values from it; the writer asks it which strings need quotes. Much differs from PyYAML: y and n are
booleans, 0o17 is an integer, 1:30 and timestamps are strings, 1e3 is a number."""

from __future__ import annotations

INT64_MIN = -(1 << 63)
INT64_MAX = (1 << 63) - 1
UINT64_MAX = (1 << 64) - 1

# Every spelling that is no string. "<<" is missing on purpose: it means a merge as a key and itself as a value.
WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"),
        False,
    ),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
NUMBER_START = frozenset("+-0123456789.")
NUMBER_END = frozenset("0123456789abcdefABCDEF_.Z")  # of timestamps too
BASES = {"b": 2, "o": 8, "x": 16}
BASE_DIGITS = {2: "01", 8: "01234567", 16: "0123456789abcdefABCDEF"}
DIGITS = "0123456789"
DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def resolve(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar; a string is returned as the same object. Integers lie within int64 and uint64,
    larger ones are floats, and what overflows a float64 is a string."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in NUMBER_START:
        return text
    number = dotted_float(text) if text[0] == "." else parse_number(text)
    return text if number is None else number


def parse_number(text: str) -> int | float | None:
    """The number that a plain scalar starting with a digit or a sign stands for, or None where it is no number.

    Underscores may stand anywhere; a leading 0 means octal, or decimal where a digit is above 7."""
    if "_" in text:
        text = text.replace("_", "")
    negative = text[:1] == "-"
    body = text[1:] if text[:1] in ("+", "-") else text
    if not body or not body.isascii():
        return None
    if body.isdigit():
        if body[0] != "0" or len(body) == 1:
            number = int(body) if len(body) <= 20 else UINT64_MAX + 1
        elif not body.strip("01234567"):
            number = int(body, 8)
        else:
            return _float(text)
        if _fits(number, text, body):
            return -number if negative else number
        return _float(text)
    base = BASES.get(body[1:2].lower()) if body[0] == "0" else None
    if base:
        digits = body[2:]
        if base == 2 and body is text and text[1] == "b" and digits[:1] in ("+", "-"):  # 0b-11 is -3 upstream
            negative, digits, text = digits[0] == "-", digits[1:], digits
        if not digits or digits.strip(BASE_DIGITS[base]):
            return None
        number = int(digits, base)
        if _fits(number, text, body):
            return -number if negative else number
        return None
    mantissa, mark, exponent = body.replace("E", "e").partition("e")
    if mark and not (exponent[1:] if exponent[:1] in ("+", "-") else exponent).isdigit():
        return None
    whole, _, fraction = mantissa.partition(".")
    if not (whole + fraction).isdigit():
        return None
    return _float(text)


def _fits(number: int, text: str, body: str) -> bool:
    """Whether Go holds it: an int64, or without a sign an uint64."""
    return number <= INT64_MAX or (number == 1 << 63 and text[0] == "-") or (number <= UINT64_MAX and body is text)


def _float(text: str) -> float | None:
    value = float(text)
    return None if value in (WORDS[".inf"], WORDS["-.inf"]) else value


def dotted_float(text: str) -> float | None:
    """The number that starts with its point. Upstream reads it by strconv.ParseFloat at once, so that an underscore is
    allowed only between digits."""
    mantissa, mark, exponent = text[1:].replace("E", "e").partition("e")
    if mark and exponent[:1] in ("+", "-"):
        exponent = exponent[1:]
    for digits in (mantissa, exponent) if mark else (mantissa,):
        if not (digits.isascii() and digits.replace("_", "").isdigit()):
            return None
        if "_" in digits and ("__" in digits or "_" in (digits[0], digits[-1])):
            return None
    return _float(text.replace("_", ""))


def reads_as_string(text: str) -> bool:
    """Whether a string may be written without quotes as far as its meaning goes: no reader of YAML 1.1 would take it
    for something else. Upstream also quotes timestamps and numbers to the base of sixty, which it reads as strings."""
    if text in WORDS:
        return False
    if text[0] not in NUMBER_START:
        return True
    if text[-1] not in NUMBER_END or text.count(".") > 1 or text.count("-") > 3:  # 100m, 10.0.0.1, an uid
        return True
    if text[4:5] == "-" and text[:4].isdigit():
        return not is_timestamp(text)
    if text[0] == ".":
        return dotted_float(text) is None
    return parse_number(text) is None and not (":" in text and is_base60(text))


def is_base60(text: str) -> bool:
    """1:30, -190:20:30.15 (goyaml.v2 encode.go isBase60Float)."""
    first, *rest = (text[1:] if text[0] in ("+", "-") else text).split(":")
    if not first[:1].isdigit() or first.strip(DIGITS + "_") or not rest or not text.isascii():
        return False
    last, point, fraction = rest[-1].partition(".")
    if point and fraction.strip(DIGITS + "_"):
        return False
    for part in (*rest[:-1], last):
        if not part.isdigit() or len(part) > 2 or (len(part) == 2 and part[0] > "5"):
            return False
    return True


def is_timestamp(text: str) -> bool:
    """2001-12-14, 2001-12-14 21:59:43.10, 2001-12-14t21:59:43.10-05:00 (goyaml.v2 resolve.go parseTimestamp, which
    takes what Go's time.Parse does: one digit for two, a comma for the point, a zone of up to 24:60)."""
    if not (text.isascii() and text[:4].isdigit() and text[4:5] == "-"):
        return False
    if text[4::3] == "--T::Z" and (text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]).isdigit():
        month_and_day, time = text[5:10], text[11:19]  # what Kubernetes writes, on a day that every month has
        if "01" <= month_and_day[:2] <= "12" and "01" <= month_and_day[3:] <= "28":
            return time[:2] < "24" and time[3:5] < "60" and time[6:] < "60"
    month, rest = _one_or_two_digits(text[5:])
    if not 1 <= month <= 12 or rest[:1] != "-":
        return False
    day, rest = _one_or_two_digits(rest[1:])
    year = int(text[:4])
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= DAYS_IN_MONTH[month - 1] + leap:
        return False
    if not rest:
        return True
    separator = rest[0]
    if separator not in ("T", "t", " "):
        return False
    rest = rest.lstrip(" ") if separator == " " else rest[1:]
    for limit, mark in ((24, ":"), (60, ":"), (60, "")):
        number, rest = _one_or_two_digits(rest)
        if not 0 <= number < limit or rest[: len(mark)] != mark:
            return False
        rest = rest[len(mark) :]
    if rest[:1] in (".", ",") and rest[1:2].isdigit():
        rest = rest[1:].lstrip(DIGITS)
    if separator == " ":
        return not rest
    if rest == "Z":
        return True
    return (
        len(rest) == 6
        and rest[0] in ("+", "-")
        and rest[3] == ":"
        and rest[1:3].isdigit()
        and rest[4:].isdigit()
        and int(rest[1:3]) <= 24
        and int(rest[4:]) <= 60
    )


def _one_or_two_digits(text: str) -> tuple[int, str]:
    """The number at the start, -1 where there is none, and what follows it."""
    length = 2 if text[:2].isdigit() and len(text) > 1 else 1
    return (int(text[:length]), text[length:]) if text[:length].isdigit() else (-1, text)
