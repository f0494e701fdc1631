"""IntOrString: plain int and str where they lose nothing, and the real intstr's answers."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.types.intstr import IntOrString, OddIntOrString, from_json_number, from_wire, to_json, to_wire

Ask = Callable[..., dict[str, Any]]

WIRE: dict[tuple[int, int, str], IntOrString] = {
    (0, 0, ""): 0,
    (0, -5, ""): -5,
    (1, 0, ""): "",
    (1, 0, "80%"): "80%",
    (0, 5, "x"): OddIntOrString(0, 5, "x"),
    (1, 5, "x"): OddIntOrString(1, 5, "x"),
    (2, 0, ""): OddIntOrString(2, 0, ""),
    (-1, 0, ""): OddIntOrString(-1, 0, ""),
}


@pytest.mark.parametrize(("fields", "value"), WIRE.items())
def test_wire(fields: tuple[int, int, str], value: IntOrString) -> None:
    assert from_wire(*fields) == value
    assert to_wire(value) == fields


def test_json() -> None:
    assert to_json(5) == 5
    assert to_json("5") == "5"
    assert to_json(OddIntOrString(0, 5, "x")) == 5
    assert to_json(OddIntOrString(1, 5, "x")) == "x"
    with pytest.raises(ValueError, match=r"^IntOrString of type 2 has no JSON form$"):
        to_json(OddIntOrString(2, 5, "x"))


@pytest.mark.parametrize("write", [to_wire, to_json])
def test_what_does_not_fit(write: Callable[[Any], object]) -> None:
    write(2**31 - 1)
    write(-(2**31))
    for number in (2**31, -(2**31) - 1):
        with pytest.raises(ValueError, match=r"^the number does not fit into 32 bits$"):
            write(number)
    for wrong in (True, 1.0, None, b"x"):
        with pytest.raises(TypeError, match=r"^expected int or str, got "):
            write(wrong)


NUMBERS: dict[str, int | None] = {
    "0": 0,
    "-0": 0,
    "2147483647": 2**31 - 1,
    "-2147483648": -(2**31),
    "2147483648": None,
    "-2147483649": None,
    "1.0": None,
    "1e3": None,
    "true": None,
    "": None,
    "-": None,
    "--1": None,
    "\u0661": None,
    "7" * 1_000_000: None,
}


@pytest.mark.parametrize(("text", "want"), NUMBERS.items(), ids=lambda value: str(value)[:12])
def test_json_number(text: str, want: int | None) -> None:
    if want is None:
        with pytest.raises(
            ValueError, match=r"^(expected a whole number or a string|the number does not fit into 32 bits)$"
        ):
            from_json_number(text)
    else:
        assert from_json_number(text) == want


def test_value() -> None:
    value = OddIntOrString(2, 5, "x")
    assert value == OddIntOrString(2, 5, "x") != OddIntOrString(2, 5, "y")
    assert len({value, OddIntOrString(2, 5, "x")}) == 1
    with pytest.raises(AttributeError, match="immutable"):
        value.type = 1
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value)), eval(repr(value))):
        assert twin == value
    match value:
        case OddIntOrString(type, intVal, strVal):
            assert (type, intVal, strVal) == (2, 5, "x")


def varint(number: int) -> bytes:
    number %= 2**64
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def message(type: int, number: int, text: str) -> bytes:
    raw = text.encode()
    return b"\x08" + varint(type) + b"\x10" + varint(number) + b"\x1a" + varint(len(raw)) + raw


@given(
    st.sampled_from([0, 1, 2, -1]) | st.integers(-(2**63), 2**63 - 1),
    st.integers(-(2**31), 2**31 - 1) | st.just(0),
    st.text(max_size=5),
)
@settings(max_examples=2000, deadline=None)
def test_wire_as_go(go: Ask, type: int, number: int, text: str) -> None:
    raw = message(type, number, text)
    theirs = go("int_or_string", wire=base64.b64encode(raw).decode())["result"]
    value = from_wire(type, number, text)
    assert message(*to_wire(value)) == base64.b64decode(theirs["wire"])
    try:
        ours = to_json(value)
    except ValueError:
        assert "json_error" in theirs
    else:
        assert ours == json.loads(theirs["json"])


@given(
    st.integers(-(2**33), 2**33).map(str)
    | st.from_regex(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)
)
@settings(max_examples=3000, deadline=None)
def test_json_number_as_go(go: Ask, text: str) -> None:
    theirs = go("int_or_string", json=text)
    try:
        ours = from_json_number(text)
    except ValueError:
        assert "error" in theirs
    else:
        assert json.loads(theirs["result"]["json"]) == ours
        assert base64.b64decode(theirs["result"]["wire"]) == message(*to_wire(ours))


def test_go_reads_the_rest(go: Ask) -> None:
    """What a caller must know about the other forms."""
    assert go("int_or_string", json="null")["result"]["json"] == "0"
    assert go("int_or_string", wire="")["result"]["wire"] == base64.b64encode(message(0, 0, "")).decode()
    for wrong in ("true", "[]", "{}", "1.0"):
        assert "error" in go("int_or_string", json=wrong)
