"""Quantity: an exact number with a suffix (`100m`, `1Gi`, `12e6`), as Kubernetes reads, compares and prints it.

The rules are those of apimachinery pkg/api/resource (quantity.go, suffix.go, amount.go, scale_int.go). Everything
here works on the decimal digits as text, so that time and memory follow the length of the text, whatever it says.

# Upstream differs:
- A decimal value of 1000E or more has no suffix left. Go prints `1000E` as `1` and loses the value; here its canonical
  form is `1e21`.
- Exponents beyond 32 bits wrap around in Go (`1e4294967297` is 10 there); here such a text is not valid.
- Go writes out 10 to the exponent where the number has more than 18 digits or is below a billionth, and does not end in
  reasonable time with a huge one (`1e-2000000000`); here the result is the one Go would come to."""

from __future__ import annotations

from codec.types import Frozen, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    # sign (-1, 0, 1), digits without zeros at either end, power of ten of the last digit
    Value = tuple[int, str, int]

DECIMAL_SI = 0
BINARY_SI = 1
DECIMAL_EXPONENT = 2

_NANO = -9  # the smallest power of ten that is kept
_FAST_DIGITS = 18  # math.go, maxInt64Factors: numbers up to that many digits go Go's fast way
_MAX_BINARY = "9223372036854775807"  # 2^63-1, where values with a binary suffix are capped
_MAX_EXPONENT = 0x7FFF_FF00  # with room below 2^31 for what Go adds to it
_MAX_INT_DIGITS = 4_300  # Python's own limit between int and str

_DECIMAL_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_SUFFIX_OF_POWER = {power: suffix for suffix, power in _DECIMAL_SUFFIXES.items()}
_SUFFIX_OF_1024 = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")

_DIGITS = "0123456789"
_SUFFIX_LETTERS = "eEinumkKMGTP"

# unicode.IsSpace, which strings.TrimSpace trims; str.strip alone would take U+001C to U+001F as well
_SPACE = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

_ZERO: Value = (0, "", 0)


class Quantity(Frozen):
    """A quantity, compared and hashed by value: `Quantity("1000m") == Quantity("1")`. Quantity() is 0.

    text: exactly as given, kept even where it is no quantity; then `valid` is false, such quantities are equal if
    their texts are, and everything that needs a value raises ValueError."""

    __slots__ = ("_value", "text")
    __match_args__ = ("text",)

    text: str
    _value: Value | None  # None until a comparison or a conversion asks for it

    def __init__(self, text: str = "0") -> None:
        if not isinstance(text, str):
            raise TypeError(f"expected str, got {type(text).__name__}; Quantity.of takes numbers")
        set_slot(self, "text", text)
        set_slot(self, "_value", None)

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """Reads the content of a JSON string, or a bare JSON number as it is written; white space around it is dropped.

        Raises ValueError where it is no quantity. JSON null is Quantity(). Go looks at the string as written: one
        with an escape in it (`"\\u0031"`) is an error there, and the caller's to refuse."""
        text = text.strip(_SPACE)
        canonical(text)
        return cls(text)

    @classmethod
    def of(cls, value: int | Decimal | str) -> Quantity:
        """The canonical quantity of a number or of a text. Raises ValueError where there is none (NaN, `1 GB`).

        A Decimal is rounded away from zero to a billionth, as every quantity is."""
        if isinstance(value, str):
            return cls(canonical(value.strip(_SPACE)))
        if isinstance(value, bool) or not isinstance(value, int):
            from decimal import Decimal

            if not isinstance(value, Decimal):
                raise TypeError(f"expected int, Decimal or str, got {type(value).__name__}")
            if not value.is_finite():
                raise ValueError("not a finite number")
            if abs(value.adjusted()) < 100:
                return cls(canonical(format(value, "f")))
        return cls(canonical(str(value)))

    @property
    def valid(self) -> bool:
        """Whether text is a quantity at all."""
        try:
            canonical(self.text)
        except ValueError:
            return False
        return True

    @property
    def canonical(self) -> str:
        """What Go prints in JSON and writes to the wire after reading text. Raises ValueError for bad text."""
        return canonical(self.text)

    @property
    def wire(self) -> str:
        """Field 1 of the message, always written: the canonical form, or text itself where it is no quantity.

        Reading, an absent field 1 is Quantity(), and an empty one, which Go refuses, Quantity("")."""
        try:
            return canonical(self.text)
        except ValueError:
            return self.text

    def to_decimal(self) -> Decimal:
        """The exact value. Raises ValueError for bad text."""
        from decimal import Decimal

        sign, digits, exponent = self._parse()
        return Decimal(f"{'-' if sign < 0 else ''}{digits or '0'}E{exponent}")

    def __int__(self) -> int:
        """The value of a whole number. Raises ValueError for others, for bad text and beyond 4300 digits."""
        sign, digits, exponent = self._parse()
        if exponent < 0:
            raise ValueError("the quantity is not a whole number")
        if len(digits) + exponent > _MAX_INT_DIGITS:
            raise ValueError(f"the quantity has more than {_MAX_INT_DIGITS} digits")
        return sign * int(digits + "0" * exponent) if sign else 0

    def __float__(self) -> float:
        """The nearest float; infinite where it is too large for one. Raises ValueError for bad text."""
        sign, digits, exponent = self._parse()
        return float(f"{'-' if sign < 0 else ''}{digits or '0'}E{exponent}")

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        if type(other) is not Quantity:
            return NotImplemented
        if self.text == other.text:
            return True
        try:
            return self._parse() == other._parse()
        except ValueError:
            return False

    def __hash__(self) -> int:
        try:
            return hash(self._parse())
        except ValueError:
            return hash(self.text)

    def __lt__(self, other: Quantity) -> bool:
        return _compare(self._parse(), other._parse()) < 0 if type(other) is Quantity else NotImplemented

    def __le__(self, other: Quantity) -> bool:
        return _compare(self._parse(), other._parse()) <= 0 if type(other) is Quantity else NotImplemented

    def __gt__(self, other: Quantity) -> bool:
        return _compare(self._parse(), other._parse()) > 0 if type(other) is Quantity else NotImplemented

    def __ge__(self, other: Quantity) -> bool:
        return _compare(self._parse(), other._parse()) >= 0 if type(other) is Quantity else NotImplemented

    def _parse(self) -> Value:
        value = self._value
        if value is None:
            value = _interpret(self.text)[1]
            set_slot(self, "_value", value)
        return value


_known: dict[str, str] = {}  # canonical forms of short texts: an object repeats the same few


def canonical(text: str) -> str:
    """What Go prints after resource.ParseQuantity(text), without making an object. Raises ValueError for bad text."""
    found = _known.get(text)
    if found is None:
        found = _interpret(text)[0]
        if len(text) <= 20:
            if len(_known) >= 1000:
                _known.clear()
            _known[text] = found
    return found


def _interpret(text: str) -> tuple[str, Value]:
    """(canonical form, value) of text, after ParseQuantity in quantity.go. Raises ValueError."""
    negative, number, whole, fraction, suffix = _split(text)
    meaning = _suffix(suffix)
    if meaning is None:
        raise ValueError(_problem(text))
    power, form = meaning
    sign = -1 if negative else 1
    if form == BINARY_SI:
        # Ti and below, without fraction and with few digits: the fast way of 64-bit integers.
        fast = not fraction and 14 - len(whole) - power * 3 // 10 >= 0
        if fast and int(whole) & 7:
            return text, _normal(sign, str(int(whole) << power), 0)
    else:
        if abs(power) + len(whole) + len(fraction) > _MAX_EXPONENT:
            raise ValueError(_problem(text))
        scale = power - len(fraction)
        fast = len(whole) + len(fraction) <= _FAST_DIGITS and scale >= _NANO
        if fast:
            digits = whole + fraction
            if scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0":
                return text, _normal(sign, digits, scale)
    if not fast and not number.strip("+-."):
        raise ValueError(_problem(text))  # the slow way wants a digit: `Ki` is 0, `Ei` an error
    if form == BINARY_SI:
        value = _binary(sign, whole, fraction, power)
        _, digits, exponent = value
        if exponent < 0 or (len(digits) + exponent <= 4 and int(digits + "0" * exponent or "0") < 1024):
            form = DECIMAL_SI
    else:
        value = _rounded(sign, whole + fraction, power - len(fraction))
    return _print(value, form), value


def _split(text: str) -> tuple[bool, str, str, str, str]:
    """(negative, number as written, its whole part without leading zeros or "0", fraction, suffix)."""
    start = 1 if text[:1] in ("+", "-") else 0
    if not text:
        raise ValueError(_problem(text))
    unsigned = text[start:]
    rest = unsigned.lstrip(_DIGITS)
    whole = unsigned[: len(unsigned) - len(rest)].lstrip("0") or "0"
    fraction = ""
    if rest.startswith("."):
        tail = rest[1:]
        rest = tail.lstrip(_DIGITS)
        fraction = tail[: len(tail) - len(rest)]
    number = text[: len(text) - len(rest)]
    return text.startswith("-"), number, whole, fraction, rest


def _suffix(suffix: str) -> tuple[int, int] | None:
    """(power, form) of a suffix: a power of ten, or of two for BINARY_SI; None where there is no such suffix."""
    power = _DECIMAL_SUFFIXES.get(suffix)
    if power is not None:
        return power, DECIMAL_SI
    power = _BINARY_SUFFIXES.get(suffix)
    if power is not None:
        return power, BINARY_SI
    digits = suffix[2:] if suffix[1:2] in ("+", "-") else suffix[1:]
    if suffix[:1] not in ("e", "E") or not digits.isascii() or not digits.isdigit():
        return None
    significant = digits.lstrip("0")
    if len(significant) > 10:
        return None
    power = int(significant or "0")
    return -power if suffix[1] == "-" else power, DECIMAL_EXPONENT


def _rounded(sign: int, digits: str, exponent: int) -> Value:
    """The value of digits * 10^exponent, rounded away from zero to a billionth."""
    excess = _NANO - exponent
    if excess > 0:
        kept = digits[:-excess] if excess < len(digits) else ""
        lost = digits[-excess:] if excess < len(digits) else digits
        if lost.strip("0"):
            kept = _increment(kept)
        digits, exponent = kept, _NANO
    return _normal(sign, digits, exponent)


def _binary(sign: int, whole: str, fraction: str, power: int) -> Value:
    """The value of whole.fraction * 2^power, rounded away from zero to a billionth and capped at 2^63-1."""
    if len(whole) > len(_MAX_BINARY):
        return _normal(sign, _MAX_BINARY, 0)
    # x = (D + e) / 10^d with 0 <= e < 1 gives x * 2^p * 10^9 = (D + e) / M with a whole M if d >= p + 9; then the
    # digits behind D matter only in being zero or not.
    places = power - _NANO
    head, rest = fraction[:places].ljust(places, "0"), fraction[places:]
    scaled = int(whole + head)
    divisor = 5**power
    nanos, remainder = divmod(scaled, divisor)
    if remainder or rest.strip("0"):
        nanos += 1
    if nanos > int(_MAX_BINARY) * 10**9:
        return _normal(sign, _MAX_BINARY, 0)
    return _normal(sign, str(nanos), _NANO)


def _increment(digits: str) -> str:
    """digits + 1, as text: int() of a long text is slow."""
    head = digits.rstrip("9")
    zeros = "0" * (len(digits) - len(head))
    return f"{head[:-1]}{int(head[-1]) + 1}{zeros}" if head else f"1{zeros}"


def _normal(sign: int, digits: str, exponent: int) -> Value:
    digits = digits.lstrip("0")
    short = digits.rstrip("0")
    if not short:
        return _ZERO
    return sign, short, exponent + len(digits) - len(short)


def _print(value: Value, form: int) -> str:
    """The text that CanonicalizeBytes and the suffixer make of a value."""
    sign, digits, exponent = value
    if sign == 0:
        return "0"
    minus = "-" if sign < 0 else ""
    if form == BINARY_SI:
        # A whole number of at most 2^63-1, see _binary.
        number = int(digits + "0" * exponent)
        thousands = 0
        while number & 1023 == 0:
            number >>= 10
            thousands += 1
        return f"{minus}{number}{_SUFFIX_OF_1024[thousands]}"
    zeros = exponent % 3
    exponent -= zeros
    suffix = _SUFFIX_OF_POWER.get(exponent) if form == DECIMAL_SI else None
    if suffix is None:
        suffix = f"e{exponent}" if exponent else ""
    return f"{minus}{digits}{'0' * zeros}{suffix}"


def _compare(left: Value, right: Value) -> int:
    """Below, at or above 0 as left is below, at or above right."""
    if left[0] != right[0]:
        return left[0] - right[0]
    _, digits, exponent = left
    _, other_digits, other_exponent = right
    order = (len(digits) + exponent) - (len(other_digits) + other_exponent)
    if order == 0:
        # The first digits weigh the same, and zeros at the end are gone: text order is order of value.
        order = (digits > other_digits) - (digits < other_digits)
    return order * left[0]


def _problem(text: str) -> str:
    """What is wrong with a text, without quoting a long one."""
    return f"not a quantity: {text!r}" if len(text) <= 40 else "not a quantity"
