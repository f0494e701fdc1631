"""The hash over Go's text."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from endpoints import generate, real_code
from endpoints.build import address, port, subset
from endpoints.compare import read

from codec.api.core.v1 import EndpointPort, EndpointSubset
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.endpoints import hashing
from codec.endpoints.hashing import Hasher, fnv1a, port_text, slice_port_text, subset_pieces


def joined(of: EndpointSubset) -> str:
    return "".join(repeated + single for repeated, single in subset_pieces(of))


@pytest.fixture(params=["compiled", "python"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each engine in turn."""
    if request.param == "python":
        monkeypatch.setattr(hashing, "twin", None)
    elif hashing.twin is None:
        pytest.skip("the compiled engine was not built, or is switched off")


@pytest.mark.usefixtures("engine")
def test_fnv1a() -> None:
    """The offset is the hash of nothing; the other is a value of the FNV authors' test suite."""
    assert fnv1a("") == 0x6C62272E07BB014262B821756295C58D
    assert fnv1a("a") == 0xD228CB696F1A8CAF78912B704E4A8964
    assert fnv1a("foobar") == 0x343E1662793C64BF6F0D3597BA446F18


def test_texts() -> None:
    assert port_text(port(80, "http")) == (
        "(v1.EndpointPort){Name:(string)http Port:(int32)80 Protocol:(v1.Protocol)TCP AppProtocol:(*string)<nil>}"
    )
    assert slice_port_text(SlicePort(name="", port=None, protocol="TCP", appProtocol="x")) == (
        "(v1.EndpointPort){Name:(*string) Protocol:(*v1.Protocol)TCP Port:(*int32)<nil> AppProtocol:(*string)x}"
    )
    assert joined(EndpointSubset(addresses=[address("10.0.0.1"), address("10.0.0.2", "u", hostname="h")])) == (
        "(v1.EndpointSubset){Addresses:([]v1.EndpointAddress)["
        "{IP:(string)10.0.0.1 Hostname:(string) NodeName:(*string)<nil> "
        "TargetRef:(*v1.ObjectReference)<nil>} {IP:(string)10.0.0.2 Hostname:(string)h NodeName:(*string)<nil> "
        "TargetRef:(*v1.ObjectReference){Kind:(string)Pod Namespace:(string)ns Name:(string)pod-u UID:(types.UID)u "
        "APIVersion:(string) ResourceVersion:(string) FieldPath:(string)}}] "
        "NotReadyAddresses:([]v1.EndpointAddress)<nil> Ports:([]v1.EndpointPort)<nil>}"
    )


@pytest.mark.usefixtures("engine")
def test_texts_beyond_ascii() -> None:
    """A byte that is no UTF-8, a lone surrogate, counts as that byte."""
    assert fnv1a("ÿ") == hashing._continue(hashing.OFFSET, b"\xc3\xbf")
    assert fnv1a("\udcff") == hashing._continue(hashing.OFFSET, b"\xff")
    assert fnv1a("x" * 1001) == hashing._continue(hashing.OFFSET, b"x" * 1001)


@pytest.mark.usefixtures("engine")
def test_hasher_is_fnv1a(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room to remember and without."""
    rng = Random(1)
    trees = [generate.subset(rng, 0.1, 0.5) for _ in range(300)]
    for limit in (hashing.KNOWN_LIMIT, 3):
        monkeypatch.setattr(hashing, "KNOWN_LIMIT", limit)
        hasher = Hasher()
        for tree in trees:
            of = read(EndpointSubset, tree)
            assert hasher.hash(subset_pieces(of)) == fnv1a(joined(of))
    assert fnv1a("\udcff") != fnv1a("ÿ")
    assert subset("1.1.1.1") != subset("", "1.1.1.1")


def question(rng: Random, kind: str) -> dict[str, Any]:
    """An empty list prints `[]` in Go and a nil one `<nil>`; RepackSubsets makes no empty ones."""
    made = generate.subset(rng, 0.2, 0.5) if kind == "EndpointSubset" else generate.port(rng, 0.2, 0.5)
    return {"op": "hash", "kind": kind, "object": {key: value for key, value in made.items() if value != []}}


def test_as_go() -> None:
    if not real_code.available():
        pytest.skip("needs Go, to ask the real Kubernetes code")
    rng = Random()
    questions = [question(rng, kind) for kind in ("EndpointSubset", "EndpointPort", "SlicePort") * 200]
    for asked, real in zip(questions, real_code.ask(questions), strict=True):
        if asked["kind"] == "EndpointSubset":
            text = joined(read(EndpointSubset, asked["object"]))
        elif asked["kind"] == "EndpointPort":
            text = port_text(read(EndpointPort, asked["object"]))
        else:
            text = slice_port_text(read(SlicePort, asked["object"]))
        assert {"text": text, "hash": f"{fnv1a(text):032x}"} == real
