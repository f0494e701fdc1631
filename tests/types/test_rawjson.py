"""RawJSON: exact bytes in, Go's compact form out."""

from __future__ import annotations

import base64
import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.types.jsonscan import JSONSyntaxError
from codec.types.rawjson import RawJSON, compact

Ask = Callable[..., dict[str, Any]]

COMPACT = {
    b"1": b"1",
    b" \n{} ": b"{}",
    b'{ "a b" : [ 1 , 2 ] }': b'{"a b":[1,2]}',
    b'{"a":1,"a":2}': b'{"a":1,"a":2}',
    b"[1.50, -0, 1E+2, 100000000000000000000000000]": b"[1.50,-0,1E+2,100000000000000000000000000]",
    b'"<&>"': b'"\\u003c\\u0026\\u003e"',
    b'"\\u003c\\/\\u00E9"': b'"\\u003c\\/\\u00E9"',
    '"\u2028\u2029\u202a"'.encode(): b'"\\u2028\\u2029\xe2\x80\xaa"',
    b'"\xff\xe2\x80\xa8\xe2\x80"': b'"\xff\\u2028\xe2\x80"',
    b'[ "\\\\" , "\\" " , "\\\\\\" ]" ]': b'["\\\\","\\" ","\\\\\\" ]"]',
    b'["\\\\\\\\ ", 1]': b'["\\\\\\\\ ",1]',
    b'{"\\"": " ", " \\\\": " "}': b'{"\\"":" "," \\\\":" "}',
    b"\t[\r\n]": b"[]",
}
BAD = {
    b"": 0,
    b" ": 1,
    b"{": 1,
    b'{"a":1} x': 8,
    b"\xef\xbb\xbf{}": 0,
    b'"\xc3\xa9\x01"': 3,
    b"[1,]": 3,
    b"k8s\x00": 0,
}


@pytest.mark.parametrize(("raw", "want"), COMPACT.items())
def test_compact(raw: bytes, want: bytes) -> None:
    assert RawJSON(raw).compact() == compact(raw) == want
    plain = RawJSON(raw).compact(escape_html=False)
    assert compact(plain) == want
    assert compact(plain, escape_html=False) == plain


def test_compact_without_escaping() -> None:
    raw = '{ "<&>": "\u2028" }'.encode()
    assert compact(raw, escape_html=False) == '{"<&>":"\u2028"}'.encode()


@pytest.mark.parametrize(("raw", "pos"), BAD.items())
def test_bad(raw: bytes, pos: int) -> None:
    with pytest.raises(JSONSyntaxError) as caught:
        RawJSON(raw).compact()
    assert caught.value.pos == pos
    with pytest.raises(ValueError, match=f"at offset {pos}$"):
        RawJSON(raw).to_python()


def test_to_python() -> None:
    assert RawJSON(b' {"a": [1, 2.5, null], "b": 1, "b": 2} ').to_python() == {"a": [1, 2.5, None], "b": 2}
    assert RawJSON(b'"\xff\\ud800"').to_python() == "\udcff\ud800"
    assert RawJSON(b"[]").to_python() is not RawJSON(b"[]").to_python()
    with pytest.raises(ValueError, match=r"^expected a JSON value at offset 0$"):
        RawJSON(b"NaN").to_python()
    with pytest.raises(ValueError, match=r"^the JSON is nested too deeply for Python$"):
        RawJSON(b"[" * 9_999 + b"]" * 9_999).to_python()
    with pytest.raises(ValueError, match="digits"):
        RawJSON(b"7" * 1_000_000).to_python()


def test_of() -> None:
    assert (
        RawJSON.of({"a": [1, 2.5, None, True], "\u00e9": "<\udcff>"}).raw
        == b'{"a":[1,2.5,null,true],"\xc3\xa9":"<\xff>"}'
    )
    circle: list[Any] = []
    circle.append(circle)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for bad in (math.nan, math.inf, "\ud800", circle, deep):
        with pytest.raises(ValueError, match=r".+"):
            RawJSON.of(bad)
    with pytest.raises(TypeError):
        RawJSON.of({1, 2})


def test_value() -> None:
    value = RawJSON(b'{"a":1}')
    assert value == RawJSON(b'{"a":1}') != RawJSON(b'{"a": 1}')
    assert value != b'{"a":1}'
    assert len({value, RawJSON(b'{"a":1}')}) == 1
    assert RawJSON(b"")
    with pytest.raises(TypeError, match=r"^expected bytes, got str$"):
        RawJSON("{}")  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match="immutable"):
        value.raw = b""
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value)), eval(repr(value))):
        assert twin == value
    match value:
        case RawJSON(raw):
            assert raw == b'{"a":1}'


def test_nil() -> None:
    assert not RawJSON()
    assert RawJSON() == RawJSON(None) != RawJSON(b"")
    assert RawJSON().to_python() is None
    assert RawJSON().compact() == b"null"
    assert eval(repr(RawJSON())) == pickle.loads(pickle.dumps(RawJSON())) == RawJSON()


def test_long_texts_end() -> None:
    for raw in (
        b"7" * 1_000_000,
        b'"' + b"\\\\" * 500_000 + b'"',
        b"[" + b' "<" ,' * 200_000 + b"1]",
        b" " * 1_000_000 + b"1",
    ):
        assert compact(raw) == compact(compact(raw))
    with pytest.raises(JSONSyntaxError):
        compact(b"[" * 1_000_000)
    deep = b" [" * 10_000 + b"]" * 10_000
    assert compact(deep) == deep.replace(b" ", b"")


values = st.recursive(
    st.none()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('ab \\"<>&\u2028\u00e9\n/', max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('a"\\ <', max_size=3), inner, max_size=4),
    max_leaves=10,
)
layouts = st.sampled_from(
    [{}, {"separators": (",", ":")}, {"indent": 1}, {"indent": "\t"}, {"separators": (" ,\r\n", " : ")}]
)
documents = st.builds(
    lambda value, layout, ascii: json.dumps(value, ensure_ascii=ascii, **layout).encode(),
    values,
    layouts,
    st.booleans(),
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A document with one byte changed, dropped or put in, which may break its UTF-8."""
    raw = draw(documents)
    pos = draw(st.integers(0, len(raw)))
    instead = draw(
        st.sampled_from([*(bytes([byte]) for byte in b'{}[],:"\\ \x1f\n0<&\x80\xe2\xff'), b"", b"\xe2\x80\xa9"])
    )
    return raw[:pos] + instead + raw[pos + draw(st.integers(0, 1)) :]


@given(documents | spoilt() | st.binary(max_size=6))
@settings(max_examples=6000, deadline=None)
def test_as_go(go: Ask, raw: bytes) -> None:
    theirs = go("compact", raw=base64.b64encode(raw).decode())
    try:
        ours = compact(raw)
    except JSONSyntaxError:
        assert "error" in theirs
    else:
        assert ours == base64.b64decode(theirs["result"])


@given(values)
def test_python_round_trip(value: Any) -> None:
    assert RawJSON.of(value).to_python() == value
