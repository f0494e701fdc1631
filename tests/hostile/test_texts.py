"""Odd texts: base64, encodings, escapes, tags, and numbers of any length, in JSON and in both parsers of YAML."""

from __future__ import annotations

import pytest
import yaml
from hostile.promise import check_json, check_stored, check_yaml

import codec
from codec.text import yaml_reader

MILLION = 1_000_000
NUMBERS: dict[str, bytes] = {
    "exponent": b"1e999999999",
    "negative exponent": b"-1e-999999999",
    "exponent beyond 64 bits": b"1e9223372036854775808",
    "exponent beyond a float": b"-1e400",
    "exponent of a million digits": b"1e" + b"9" * MILLION,
    "exponent of a million zeros": b"1E+" + b"0" * MILLION + b"1",
    "a million digits": b"1" * MILLION,
    "a million places": b"1." + b"9" * MILLION,
    "a million zeros": b"0." + b"0" * MILLION + b"1",
    "just what int() takes": b"9" * 4300,
    "more than int() takes": b"-" + b"9" * 4301,
}
# where a number, or a text that looks like one, can stand
PLACES: dict[str, bytes] = {
    "custom resource": b'{"apiVersion":"x/v1","kind":"K","spec":%s}',
    "key": b'{"apiVersion":"x/v1","kind":"K","spec":{"%s":1}}',
    "raw JSON": b'{"apiVersion":"apps/v1","kind":"ControllerRevision","data":%s}',
    "int64": b'{"apiVersion":"apps/v1","kind":"ControllerRevision","revision":%s}',
    "int32": b'{"apiVersion":"v1","kind":"Endpoints","subsets":[{"ports":[{"port":%s}]}]}',
    "float": b'{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",'
    b'"spec":{"versions":[{"schema":{"openAPIV3Schema":{"maximum": %s}}}]}}',
    "IntOrString": b'{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"targetPort": %s}]}}',
    "quantity": b'{"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":{"a": %s}}}',
    "quantity in quotes": b'{"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":{"a":"%s"}}}',
    "binary quantity": b'{"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":{"a":"%sKi"}}}',
    "huge quantity": b'{"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":{"a":"%sEi"}}}',
    "tiny quantity": b'{"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":{"a":"%sn"}}}',
    "time": b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"creationTimestamp":"%s"}}',
    "places of a time": b'{"apiVersion":"v1","kind":"ConfigMap",'
    b'"metadata":{"creationTimestamp":"2020-01-01T00:00:00.%sZ"}}',
    "string": b'{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"%s"}}',
}  # fmt: skip
YAML_NUMBERS: dict[str, bytes] = {
    "hexadecimal": b"0x" + b"f" * MILLION,
    "binary": b"0b" + b"1" * MILLION,
    "octal": b"0o" + b"7" * MILLION,
    "old octal": b"0" + b"7" * MILLION,
    "underscores": b"1" + b"_1" * MILLION,
    "sexagesimal": b"1" * MILLION + b":30",
    "sign": b"+" + b"1" * MILLION,
    "point": b"." + b"1" * MILLION,
    "not quite": b"1" * MILLION + b"x",
    "date": b"2001-01-01T00:00:00." + b"1" * MILLION + b"Z",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_any_length(number: str, place: str) -> None:
    text = PLACES[place] % NUMBERS[number]
    check_json(text)
    check_stored(text)


@pytest.mark.parametrize("number", [*NUMBERS, *YAML_NUMBERS])
def test_yaml_numbers_of_any_length(number: str) -> None:
    text = (NUMBERS | YAML_NUMBERS)[number]
    check_yaml(b"apiVersion: x/v1\nkind: K\nspec: %s\n" % text)
    check_yaml(b"apiVersion: x/v1\nkind: K\n%s: 1\n" % text)
    check_yaml(b"apiVersion: v1\nkind: ResourceQuota\nspec: {hard: {a: %s}}\n" % text)
    check_yaml(b"apiVersion: x/v1\nkind: K\nspec: [!!int %s, !!float %s]\n" % (text, text))


BASE64 = (
    '""',
    '"="',
    '"=="',
    '"===="',
    '"A"',
    '"AA"',
    '"AAA"',
    '"AAAA"',
    '"AA=="',
    '"AAA="',
    '"AA="',
    '"AA=A"',
    '"A=AA"',
)
ODD_BASE64 = (
    '"AAAA===="',
    '"AAAA=="',
    '"A A A A"',
    '"AA\\nAA\\r\\n"',
    '"\\u0041AAA"',
    '"ÄAAA"',
    '"AA-_"',
    '"AB=="',
    '"\\ud800"',
    '"AAA\\u0000"',
)


@pytest.mark.parametrize(
    "text", [*BASE64, *ODD_BASE64, "1", "null", "[]", "{}", "true", f'"{"A" * MILLION}"', f'"{"=" * MILLION}"']
)
def test_base64(text: str) -> None:
    check_json(f'{{"apiVersion":"v1","kind":"Secret","data":{{"a":{text}}}}}'.encode())
    check_yaml(f"apiVersion: v1\nkind: Secret\ndata: {{a: {text}}}\n".encode())
    check_yaml(f"apiVersion: x/v1\nkind: K\nspec: !!binary {text}\n".encode())


CONFIG_MAP = '{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"%s"}}'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"])
def test_encodings(encoding: str) -> None:
    data = (CONFIG_MAP % "äöü").encode(encoding)
    for check in (check_json, check_stored, check_yaml):
        check(data)
        check(data[:-1])
        check(data[1:])


@pytest.mark.parametrize(
    "text",
    [
        r"\u",
        r"\u12",
        r"\ud800",
        r"\udc00\ud800",
        r"\ud83d\ude00",
        r"\u0000",
        r"\x41",
        "\x00",
        "\x7f",
        "\x85",
        "\u2028",
        "\ufeff",
        "\uffff",
        "\U0010ffff",
    ],
)
def test_characters_and_escapes(text: str) -> None:
    check_json((CONFIG_MAP % text).encode())
    check_yaml((CONFIG_MAP % text).encode())
    check_yaml((CONFIG_MAP % text).replace('"', "").encode())


@pytest.mark.parametrize(
    "data", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\x80" * 100]
)
def test_bytes_that_are_no_utf_8(data: bytes) -> None:
    for text in (CONFIG_MAP % "!", CONFIG_MAP.replace('"a"', '"!"') % "a", CONFIG_MAP.replace("ConfigMap", "!") % "a"):
        damaged = text.encode().replace(b"!", data)
        for check in (check_json, check_stored, check_yaml):
            check(damaged)


YAML = (
    "a: !!python/object/apply:os.system [x]\n", "a: !!set {a, b}\n", "a: !!omap [a: 1]\n",
    "a: !!timestamp 2001-01-01\n", "a: !<> x\n", "a: !!\n", "!!map a: 1\n", "!!seq {a: 1}\n", "a: !!int x\n",
    "a: !!float 1\n", "a: !!null x\n", "a: !!bool 1\n", "a: !!str 1\n", "a: !local x\n", "%YAML 1.1\n---\na: 1\n",
    "%YAML 99999999999999999999.1\n---\na: 1\n", "%TAG ! tag:x,2000:\n---\na: !y b\n", "%FOO\n---\na: 1\n",
    'a: "\\uD800"\n', 'a: "\\U00110000"\n', 'a: "\\UFFFFFFFF"\n', 'a: "\\xff\\0"\n', 'a: "\\q"\n', 'a: "\\', "a: 'b",
    "a: |99\n b\n", "a: >-+\n b\n", "&a a: 1\n", "a: &a\n", "a: *\n", "a: &\n", "<<: 1\n", "<<: [1]\n",
    "<<: [{a: 1}, {a: 2}]\n", "<<: &a {<<: *a}\n", "? <<\n: {a: 1}\n", "a: 1\n...\nb: 2\n", "---\n---\n", "--- a\n",
    "---x\n", "-\n- -\n-", ":\n", "? :\n", "?\n", "{", "}", "[}", "{]", "{a", "{a: b: c}", "[a, , b]", "a:\tb\n",
    "\ta: b\n", "a: b\n c: d\n", "a: b\n  - c\n", "a: #b\n", "a: @b\n", "a: `b\n", "a: %b\n", "\r", "\r\n\r\n",
    "a: b\rc: d\r", "\ufeffa: b\n",
)  # fmt: skip


@pytest.fixture(params=["C", "Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of PyYAML's parsers: the one in C is not everywhere."""
    name: str = request.param
    if name == "Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    return name


@pytest.mark.parametrize("text", YAML)
def test_odd_yaml(text: str, parser: str) -> None:
    check_yaml(text.encode())
    check_yaml(f"apiVersion: x/v1\nkind: K\n{text}".encode())
    nested = text.replace("\n", "\n  ")
    check_yaml(f"apiVersion: x/v1\nkind: K\nspec:\n  {nested}".encode())


def test_the_parser_is_the_one_asked_for(parser: str) -> None:
    loader, _ = yaml_reader._loader()
    assert ("CParser" in {base.__name__ for base in loader.__mro__}) == (parser == "C")


def test_what_odd_yaml_says(parser: str) -> None:
    with pytest.raises(codec.DecodeError, match="at line 3, column "):
        codec.from_yaml('apiVersion: x/v1\nkind: K\na: "\\UFFFFFFFF"\n')
