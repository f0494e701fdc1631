"""How Go writes a float64: in JSON (encoding/json) and in YAML (goyaml.v2).

Both take the fewest digits that read back as the same number, as Python's repr does; they differ from it and from each
other in where the exponent form begins and how it looks."""

from __future__ import annotations

JSON_EXPONENT = (
    -6,
    21,
)  # decimal exponents below the first or from the second on are written 1e-7; encoding/json encode.go
YAML_EXPONENT = (
    -4,
    6,
)  # strconv.FormatFloat(x, 'g', -1, 64); fmt's %v has 21 instead of 6, goyaml.v2 does not use it


def format_float(value: float) -> str:
    """The JSON text of a float64 (encoding/json floatEncoder): 1.0 → "1", 1e21 → "1e+21", 1e-7 → "1e-7", -0.0 → "-0".

    Raises ValueError for NaN and infinities, which JSON has no word for."""
    text = repr(value)
    if "e" not in text and "n" not in text:  # the "n" of nan and inf
        return text.removesuffix(".0")
    if text in _SPECIAL:
        raise ValueError(f"a number that JSON cannot hold: {text}")
    sign, digits, exponent = _decimal(text)
    if JSON_EXPONENT[0] <= exponent < JSON_EXPONENT[1]:
        return sign + _positional(digits, exponent)
    return sign + _mantissa(digits) + (f"e+{exponent}" if exponent >= 0 else f"e{exponent}")


def format_general(value: float) -> str:
    """The YAML text of a float64 (goyaml.v2 encode.go floatv): 1e6 → "1e+06", 0.5 → "0.5", NaN → ".nan"."""
    return _general(repr(value))


def format_general32(value: float) -> str:
    """The text of a float64 rounded to 32 bits first, as sigs.k8s.io/yaml writes a number that is a mapping's key."""
    import struct

    if repr(value) == "nan":
        return ".nan"
    bits = _float32(value)
    if bits is None:
        return ".inf" if value > 0 else "-.inf"
    rounded: float = struct.unpack("<f", bits)[0]
    for precision in range(8):
        text = f"{rounded:.{precision}e}"
        if _float32(float(text)) == bits:
            return _general(text)
    return _general(f"{rounded:.8e}")  # nine digits tell every float32 apart


def _float32(value: float) -> bytes | None:
    """The bits of the nearest float32, None where that is infinite."""
    import struct

    try:
        return struct.pack("<f", value)
    except OverflowError:
        return None


_SPECIAL = {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}


def _general(text: str) -> str:
    if text in _SPECIAL:
        return _SPECIAL[text]
    sign, digits, exponent = _decimal(text)
    if YAML_EXPONENT[0] <= exponent < YAML_EXPONENT[1]:
        return sign + _positional(digits, exponent)
    return f"{sign}{_mantissa(digits)}e{'+' if exponent >= 0 else '-'}{abs(exponent):02}"


def _decimal(text: str) -> tuple[str, str, int]:
    """Sign, significant digits (no zeros around them, but "0" for zero) and the exponent of the first of them."""
    sign = ""
    if text[0] == "-":
        sign, text = "-", text[1:]
    mantissa, _, power = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    exponent = len(digits) - len(fraction) - 1 + int(power or "0")
    digits = digits.rstrip("0")
    return (sign, digits, exponent) if digits else (sign, "0", 0)


def _positional(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    if len(digits) <= exponent + 1:
        return digits + "0" * (exponent + 1 - len(digits))
    return digits[: exponent + 1] + "." + digits[exponent + 1 :]


def _mantissa(digits: str) -> str:
    return digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
