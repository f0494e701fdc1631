"""IP addresses as Kubernetes reads them: the sloppy parser of old, the strict rules of v1.36, the ranges.

An address is 4 bytes (IPv4, IPv4-mapped IPv6 too) or 16 bytes. Sources: k8s.io/utils/net ParseIPSloppy (a fork of Go
1.16's net.ParseIP), apimachinery pkg/util/validation/ip.go, net.IP.
"""

from __future__ import annotations

_MAPPED = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96, RFC 4291 section 2.5.5.2
_DIGITS = "0123456789"
_HEX = _DIGITS + "abcdefABCDEF"

NO_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def parse(text: str) -> bytes | None:
    """The address of a text, None where it is none. Decimal parts and groups may have leading zeros."""
    for char in text:
        if char == ".":
            return _parse_v4(text)
        if char == ":":
            found = _parse_v6(text)
            return found[12:] if found is not None and found.startswith(_MAPPED) else found
    return None


def _parse_v4(text: str) -> bytes | None:
    parts = text.split(".")
    if len(parts) != 4:
        return None
    numbers = []
    for part in parts:
        if not part or part.strip(_DIGITS):
            return None
        if len(part) > 3:
            part = part.lstrip("0") or "0"
        if len(part) > 3 or int(part) > 255:
            return None
        numbers.append(int(part))
    return bytes(numbers)


def _parse_v6(text: str) -> bytes | None:
    """Sixteen bytes. `::` stands for one group of zeros or more, once."""
    head, ellipsis, tail = text.partition("::")
    if not ellipsis:
        found = _groups(text, True)
        return found if found is not None and len(found) == 16 else None
    before = _groups(head, False) if head else b""
    after = _groups(tail, True) if tail else b""
    if before is None or after is None or len(before) + len(after) > 14:
        return None
    return before + bytes(16 - len(before) - len(after)) + after


def _groups(text: str, last: bool) -> bytes | None:
    """The bytes of groups parted by colons; at the end of an address the last one may be dotted."""
    out = bytearray()
    groups = text.split(":")
    for position, group in enumerate(groups):
        if "." in group and last and position == len(groups) - 1:
            dotted = _parse_v4(group)
            if dotted is None:
                return None
            out += dotted
            continue
        if not group or group.strip(_HEX):
            return None
        if len(group) > 4:
            group = group.lstrip("0") or "0"
        if len(group) > 4:
            return None
        out += int(group, 16).to_bytes(2, "big")
    return bytes(out)


def has_leading_zeros(text: str) -> bool:
    """True for a text that parse() takes and netip.ParseAddr does not: 010.0.0.1, 00001::."""
    groups = text.split(":")
    if len(groups) > 1 and any(len(group) > 4 and "." not in group for group in groups):
        return True
    return "." in groups[-1] and any(len(part) > 1 and part[0] == "0" for part in groups[-1].split("."))


def errors(text: str, strict: bool) -> list[str]:
    """What is wrong with the text as an address in one of the old fields (IsValidIPForLegacyField).

    strict: refuse leading zeros and IPv4-mapped IPv6 too (gate StrictIPCIDRValidation, on since v1.36).
    """
    address = parse(text)
    if address is None:
        return [NO_IP]
    if not strict:
        return []
    if has_leading_zeros(text):
        return ["must not have leading 0s"]
    if len(address) == 4 and ":" in text:
        return ["must not be an IPv4-mapped IPv6 address"]
    return []


def range_errors(text: str) -> list[str]:
    """What is wrong with the address as that of an endpoint (ValidateEndpointIP)."""
    address = parse(text)
    if address is None:
        return ["must be a valid IP address"]
    first, second = address[0], address[1]
    if len(address) == 4:
        checks = (not any(address), first == 127, address[:2] == b"\xa9\xfe", address[:3] == b"\xe0\0\0")
    else:
        rest = address[:15] == bytes(15)
        checks = (
            rest and address[15] == 0,
            rest and address[15] == 1,
            first == 0xFE and second & 0xC0 == 0x80,
            # Upstream names ff02::/10 and looks at the scope alone: ff12:: and ff42:: fail, ff01:: passes.
            first == 0xFF and second & 0x0F == 0x02,
        )
    words = (
        f"may not be unspecified ({text})",
        "may not be in the loopback range (127.0.0.0/8, ::1/128)",
        "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
        "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
    )
    return [word for check, word in zip(checks, words, strict=True) if check]


def canonical(address: bytes) -> str:
    """The address as text, as net.IP prints it (RFC 5952)."""
    if len(address) == 4:
        return "{}.{}.{}.{}".format(*address)
    groups = [address[i] << 8 | address[i + 1] for i in range(0, 16, 2)]
    start, length = _zeros(groups)
    if length < 2:
        return ":".join(f"{group:x}" for group in groups)
    head = ":".join(f"{group:x}" for group in groups[:start])
    tail = ":".join(f"{group:x}" for group in groups[start + length :])
    return f"{head}::{tail}"


def _zeros(groups: list[int]) -> tuple[int, int]:
    """Where the first of the longest runs of zero groups begins, and its length."""
    best, run = (0, 0), 0
    for position, group in enumerate(groups):
        run = run + 1 if group == 0 else 0
        if run > best[1]:
            best = (position - run + 1, run)
    return best
