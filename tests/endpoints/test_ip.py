"""IP addresses as Kubernetes reads them."""

from __future__ import annotations

import ipaddress
from random import Random

import pytest

from codec.endpoints import ip

READ = {
    "10.0.0.1": "10.0.0.1",
    "010.000.0.001": "10.0.0.1",
    "255.255.255.255": "255.255.255.255",
    "::ffff:10.0.0.1": "10.0.0.1",
    "::ffff:0a00:1": "10.0.0.1",
    "::": "::",
    "1::": "1::",
    "2001:DB8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
    "1:0:2:3:4:5:6:7": "1:0:2:3:4:5:6:7",
    "00001::": "1::",
    "1:2:3:4:5:6:1.2.3.4": "1:2:3:4:5:6:102:304",
    "::1.2.3.4": "::102:304",
}
REFUSED = [
    "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3", "a.b.c.d", "1.2.3.4:80", " 1.2.3.4", "1.2.3.4\n", "１.2.3.4",
    ":", ":::", "1:2", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7::8", "1::2::3", "12345::", "g::",
    "fe80::1%eth0", "::1.2.3", "1:2:3:4:5:6::1.2.3.4", "1.2.3.4::", "9" * 5000 + ".1.1.1",
]  # fmt: skip


@pytest.mark.parametrize(("text", "canonical"), READ.items())
def test_read(text: str, canonical: str) -> None:
    address = ip.parse(text)
    assert address is not None
    assert ip.canonical(address) == canonical


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    assert ip.parse(text) is None
    assert ip.errors(text, strict=False) == [ip.NO_IP]
    assert ip.range_errors(text) == ["must be a valid IP address"]


def test_canonical_as_the_standard_library() -> None:
    """RFC 5952, but for IPv4 inside, which net.IP prints as IPv4."""
    rng = Random(1)
    for _ in range(2000):
        groups = [rng.choice([0, 0, 0, 1, 0xDB8, 0xFFFF]) for _ in range(8)]
        address = b"".join(group.to_bytes(2, "big") for group in groups)
        if groups[:5] == [0] * 5 and groups[5] == 0xFFFF:
            continue
        text = ipaddress.IPv6Address(address).compressed
        assert ip.canonical(address) == text
        assert ip.parse(text) == ip.parse(ipaddress.IPv6Address(address).exploded) == address


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("010.0.0.1", "must not have leading 0s"),
        ("00001::", "must not have leading 0s"),
        ("::ffff:01.2.3.4", "must not have leading 0s"),
        ("::ffff:1.2.3.4", "must not be an IPv4-mapped IPv6 address"),
    ],
)
def test_only_strict_refuses(text: str, error: str) -> None:
    assert ip.errors(text, strict=True) == [error]
    assert ip.errors(text, strict=False) == []


@pytest.mark.parametrize("text", ["1.2.3.4", "0.0.0.0", "2001:DB8::0001", "::1.2.3.4"])
def test_strict_takes(text: str) -> None:
    assert ip.errors(text, strict=True) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("0.0.0.0", "unspecified (0.0.0.0)"),
        ("0::0", "unspecified (0::0)"),
        ("127.1.2.3", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local range"),
        ("febf::1", "link-local range"),
        ("224.0.0.251", "multicast"),
        ("ff02::1", "multicast"),
        ("ff42::1", "multicast"),
    ],
)
def test_ranges(text: str, word: str) -> None:
    (error,) = ip.range_errors(text)
    assert word in error


@pytest.mark.parametrize(
    "text", ["240.0.0.1", "255.255.255.255", "224.0.1.1", "ff01::1", "ff0e::1", "fec0::1", "10.0.0.1"]
)
def test_outside_the_ranges(text: str) -> None:
    assert ip.range_errors(text) == []
