"""Quantity against a table of odd texts, against Decimal, and against the real ParseQuantity."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from codec.types.quantity import Quantity, canonical

Ask = Callable[..., dict[str, Any]]

CANONICAL = {
    "0": "0",
    "": None,
    "-": "0",
    "+": "0",
    ".": "0",
    "Ki": "0",
    "Ti": "0",
    "Pi": None,  # the slow way wants a digit
    "-.Ei": None,
    "0Ei": "0",
    ".e-20": None,
    "n": "0",
    "-m": "0",
    "e5": "0",
    "e": None,
    "E": "0",
    "+1": "+1",
    "007": "007",
    "5.Ki": "5.Ki",
    "8.Ki": "8Ki",
    "123.456e3": "123.456e3",
    "1000m": "1",
    "1000": "1k",
    "1000k": "1M",
    "1024Mi": "1Gi",
    "1000Mi": "1000Mi",
    "1.5": "1500m",
    "1.500": "1.500",
    "0.5": "500m",
    "1.5Gi": "1536Mi",
    ".5Ki": "512",
    "1Ki": "1Ki",
    "8Ki": "8Ki",
    "1023.5Ki": "1048064",
    "1.0001Ki": "1024102400u",
    "-1.5Gi": "-1536Mi",
    "1e-30": "1e-9",
    "-1e-30": "-1e-9",
    "1.0000000001": "1000000001n",
    "99999999999999999999": "99999999999999999999",
    "999999999999999999.9999999999": "1E",
    "8Ei": "9223372036854775807",
    "-8Ei": "-9223372036854775807",
    "7Ei": "7Ei",
    "10000000000000000000Ki": "9223372036854775807",
    "9007199254740991.9999999999Ki": "9223372036854775807",
    "0.0000000000000000000001Ei": "115293n",
    "12e6": "12e6",
    "1e4": "10e3",
    "1E4": "10e3",
    "1E+3": "1E+3",
    "1000e-3": "1",
    "1e4294967297": None,
    "1e99999999999999999999": None,
    "1e2147480000": "100e2147479998",
    "123e2147480000": "12300e2147479998",
    "12345678901234567890e2147480000": "1234567890123456789e2147480001",
    "1e-2147480000": "1e-9",
    "0e-2147480000": "0",
    "1.5.5": None,
    "1 ": None,
    " 1": None,
    "1Gib": None,
    "1gi": None,
    "1K": None,
    "1mi": None,
    "1+5": None,
    "1e+": None,
    "1ee5": None,
    "--1": None,
    "\u0661": None,
    "1\u00b2": None,
    "abc": None,
    "1000E": "1e21",  # Upstream differs: Go prints "1"
    "1500E": "1500E",
    "-2000E": "-2e21",
}


@pytest.mark.parametrize(("text", "want"), CANONICAL.items())
def test_canonical(text: str, want: str | None) -> None:
    quantity = Quantity(text)
    assert quantity.text == text
    if want is None:
        assert not quantity.valid
        assert quantity.wire == text
        with pytest.raises(ValueError, match=r"^not a quantity"):
            _ = quantity.canonical
        with pytest.raises(ValueError, match=r"^not a quantity"):
            canonical(text)
    else:
        assert quantity.valid
        assert quantity.canonical == quantity.wire == canonical(text) == want
        assert Quantity(want) == quantity


def test_default_is_zero() -> None:
    assert Quantity() == Quantity("0") == Quantity("0Ki")
    assert Quantity().wire == "0"


def test_equal_by_value() -> None:
    assert Quantity("1000m") == Quantity("1") == Quantity("1.0") == Quantity("1e0")
    assert hash(Quantity("1000m")) == hash(Quantity("1"))
    assert Quantity("1Gi") == Quantity("1024Mi") != Quantity("1G")
    assert Quantity("1") != "1"
    assert Quantity("abc") == Quantity("abc") != Quantity("abd")
    assert Quantity("abc") != Quantity("1") != Quantity("abc")
    assert len({Quantity("abc"), Quantity("abc"), Quantity("1k"), Quantity("1000")}) == 2


def test_order() -> None:
    texts = ["-1e2147480000", "-1Gi", "-1G", "-1", "-1n", "0", "1n", "999m", "1", "1001m", "1k", "1Ki", "1e2147480000"]
    quantities = [Quantity(text) for text in texts]
    assert sorted({*quantities}) == quantities
    for low, high in pairwise(quantities):
        assert low < high
        assert low <= high
        assert high > low
        assert high >= low
        assert not (high < low)
        assert not (high <= low)
        assert not (low > high)
        assert not (low >= high)
    with pytest.raises(ValueError, match="not a quantity"):
        _ = Quantity("abc") < Quantity("1")
    with pytest.raises(TypeError):
        _ = Quantity("1") < 2  # type: ignore[operator]


def test_numbers() -> None:
    assert Quantity("100m").to_decimal() == Decimal("0.1")
    assert Quantity("-1Ki").to_decimal() == -1024
    assert int(Quantity("2Gi")) == 2 << 30
    assert int(Quantity("-1000m")) == -1
    assert int(Quantity()) == 0
    assert float(Quantity("1500m")) == 1.5
    assert float(Quantity("-1e400")) == float("-inf")
    with pytest.raises(ValueError, match=r"^the quantity is not a whole number$"):
        int(Quantity("1500m"))
    with pytest.raises(ValueError, match=r"^the quantity has more than 4300 digits$"):
        int(Quantity("1e2147480000"))
    assert Quantity("1e2147480000").to_decimal() == Decimal("1e2147480000")
    for convert in (int, float, Quantity.to_decimal):
        with pytest.raises(ValueError, match="not a quantity"):
            convert(Quantity("abc"))


def test_of() -> None:
    assert Quantity.of(1000).text == "1k"
    assert Quantity.of(-7).text == "-7"
    assert Quantity.of(Decimal("0.10")).text == "100m"
    assert Quantity.of(Decimal("1E+3")).text == "1k"
    assert Quantity.of(Decimal("1E+200")) == Quantity("1e200")
    assert Quantity.of(" 1024Mi ").text == "1Gi"
    for bad in ("abc", "", Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(ValueError, match=r"^not a (quantity|finite number)"):
            Quantity.of(bad)
    for wrong in (1.5, True, None, b"1"):
        with pytest.raises(TypeError):
            Quantity.of(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Quantity(1)  # type: ignore[arg-type]


def test_parse_trims_what_go_trims() -> None:
    assert Quantity.parse("\u3000 1k\u00a0\t").text == "1k"
    with pytest.raises(ValueError, match="not a quantity"):
        Quantity.parse("1k\x1c")


def test_frozen() -> None:
    quantity = Quantity("1k")
    for name in ("text", "new", "_value"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(quantity, name, "2")
    with pytest.raises(AttributeError, match="immutable"):
        del quantity.text
    assert quantity.valid
    for twin in (copy.copy(quantity), copy.deepcopy(quantity), pickle.loads(pickle.dumps(quantity))):
        assert twin.text == "1k"
        assert twin == quantity
    assert repr(quantity) == "Quantity('1k')"
    assert eval(repr(quantity)) == quantity
    match quantity:
        case Quantity(text):
            assert text == "1k"


def test_long_texts_end() -> None:
    """A million digits, each where it hurts; int(text) of any of them would take seconds."""
    many = "7" * 1_000_000
    nines = "9" * 1_000_000
    assert Quantity(many).canonical == many
    assert Quantity(f"{many}Ki").canonical == "9223372036854775807"
    assert Quantity(f"0.{many}").canonical == "777777778n"
    assert Quantity(f"0.{nines}").canonical == "1"
    assert Quantity(f"0.{nines}Ki").canonical == "1Ki"
    assert Quantity(f"1.{nines}Ki").canonical == "2Ki"
    assert Quantity(f"{nines}.{nines}") == Quantity("1e1000000")
    assert Quantity(f"{many}e-999999").canonical == "7777777778e-9"
    assert Quantity("0" * 1_000_000).canonical == "0"
    assert not Quantity(f"1e{many}").valid
    assert not Quantity(f"{many}x").valid
    assert Quantity(many) > Quantity(many[1:])
    assert len({Quantity(many), Quantity(many + "000")}) == 2


digits = (
    st.text("0123456789", max_size=4) | st.text("0123456789", max_size=25) | st.sampled_from(["1000", "1024", "000"])
)
numbers = st.builds("{}{}{}{}".format, st.sampled_from(["", "", "-", "+"]), digits, st.sampled_from(["", "."]), digits)
suffixes = st.sampled_from(["", *"numkMGTPE", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e", "K", "mi", "e+", "Ee"])
exponents = st.builds(
    "{}{}{}".format,
    st.sampled_from("eE"),
    st.sampled_from(["", "+", "-", "0"]),
    st.integers(-20, 40) | st.integers(0, 2000),
)
well_formed = st.builds("{}{}".format, numbers, suffixes | exponents)
texts = well_formed | st.text("0123456789.+-eEinumkKMGTP", max_size=12) | st.text(max_size=4)


@given(st.integers(-(10**30), 10**30), st.integers(-9, 30), st.sampled_from([0, 3, -9]))
def test_value_is_that_of_decimal(number: int, exponent: int, other_exponent: int) -> None:
    quantity = Quantity(f"{number}e{exponent}")
    exact = Decimal(f"{number}e{exponent}")
    assert quantity.to_decimal() == Decimal(quantity.canonical) == exact
    other = Decimal(f"{number}e{other_exponent}")
    assert (quantity < Quantity(f"{number}e{other_exponent}")) == (exact < other)
    assert float(quantity) == float(exact)
    if exact == int(exact):
        assert int(quantity) == int(exact)


def differs(ours: str, go: str) -> bool:
    """The one known difference: Go forgets the exponent of a decimal value that has no suffix."""
    power = ours.removeprefix(go)
    return power != ours and re.fullmatch("e[0-9]+", power) is not None and int(power[1:]) >= 21


def is_quick_for_go(text: str) -> bool:
    """Whether Go answers in reasonable time and memory, and without wrapping around 32 bits."""
    return re.search(r"[eE][+-]?0*[1-9][0-9]{4}", text) is None


@given(texts)
@settings(max_examples=6000, deadline=None)
def test_wire_as_go(go: Ask, text: str) -> None:
    assume(is_quick_for_go(text))
    raw = text.encode()
    assert len(raw) < 128
    answer = go("quantity", wire=base64.b64encode(b"\n" + bytes([len(raw)]) + raw).decode())
    quantity = Quantity(text)
    assert quantity.valid == ("error" not in answer), answer
    if quantity.valid:
        theirs = json.loads(answer["result"]["json"])
        assert quantity.canonical == theirs or differs(quantity.canonical, theirs)
        wire = base64.b64decode(answer["result"]["wire"])
        assert wire[2:].decode() == theirs
        again = Quantity(quantity.canonical)
        assert again == quantity
        assert again.canonical == quantity.canonical


@given(st.text(" \u00a0\u2003\u3000\x1c\x85", max_size=2), texts, st.text(" \u00a0\u2003\u3000", max_size=2))
@settings(max_examples=1000, deadline=None)
def test_json_as_go(go: Ask, before: str, text: str, after: str) -> None:
    assume(is_quick_for_go(text))
    token = json.dumps(before + text + after, ensure_ascii=False)
    assume("\\" not in token)  # Go looks at the string as written: an escape is an error
    answer = go("quantity", json=token)
    try:
        quantity = Quantity.parse(before + text + after)
    except ValueError:
        assert "error" in answer
    else:
        theirs = json.loads(answer["result"]["json"])
        assert quantity.wire == theirs or differs(quantity.wire, theirs)


@given(well_formed, well_formed)
@settings(max_examples=2000, deadline=None)
def test_order_as_go(go: Ask, a: str, b: str) -> None:
    assume(Quantity(a).valid and Quantity(b).valid)
    sign = go("quantity_compare", A=a, B=b)["result"]["sign"]
    left, right = Quantity(a), Quantity(b)
    assert (left > right) - (left < right) == sign
    assert (left == right) == (sign == 0)


def test_go_reads_the_rest(go: Ask) -> None:
    """What a caller must know about the forms around the text."""

    def written(**request: Any) -> Any:
        answer = go("quantity", **request)
        return answer["result"]["json"] if "result" in answer else None

    assert written(json="null") == '"0"'
    assert written(json="1.5") == '"1500m"'
    assert written(json="1e3") == '"1e3"'
    assert written(json="true") is None
    assert written(json='"\\u0031"') is None
    assert written(wire="") == '"0"'
    assert written(wire="CgA=") is None  # field 1 present and empty


def test_departures_still_differ(go: Ask) -> None:
    assert go("quantity", json='"1000E"')["result"]["json"] == '"1"'
    assert go("quantity", json='"1e4294967297"')["result"]["json"] == '"10"'
