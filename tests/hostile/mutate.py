"""Damages stored values and texts, most of the time so that they still have their form: the fuzzer's hands.

Wire mutations know of fields, lengths, tags, varints and nesting; those of JSON know tokens and members. What a
mutation makes is the same for the same random numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]

LONGEST = 1 << 16  # bytes of a case
DEEPEST = 8  # levels of a message that a mutation goes down

# fmt: off
TOKENS = (
    b'"', b"'", b"{", b"}", b"[", b"]", b":", b",", b"\n", b"- ", b"? ", b": ", b"# ", b"&a ", b"*a", b"<<: *a", b"|",
    b">", b"!!int ", b"!!binary ", b"!x ", b"%YAML 1.1\n", b"---\n", b"...\n", b"\t", b"  ", b"\\", b"\\u", b"\\ud800",
    b"null", b"true", b"yes", b"~", b"0", b"-0", b"1e999999999", b"1e-999999999", b"0x1f", b"0o17", b"017", b"1_000",
    b"9223372036854775808", b"18446744073709551616", b"1" * 5000, b"1:30", b".inf", b".nan", b"2001-01-01", b"1.5Ei",
    b"\x00", b"\x7f", b"\x80", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf",
    b'"a":', b'"apiVersion":"v1",', b'"kind":', b"AAA=", b"A" * 1000, b"[" * 200, b'{"a":' * 200, b"k8s\x00",
    b"k8s:enc:kms:v2:", b"\xd9\xd9\xf7",
)
NUMBERS = (
    0, 1, 2, 0x7F, 0x80, 0xFF, 1 << 14, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63,
    (1 << 64) - 1, (1 << 64) - 62135596800, 253402300799, 253402300800, 999999999, 1000000000,
)
VALUES = (  # of JSON, and some that are none
    b"null", b"true", b"false", b"0", b"-0", b"1", b"-1", b"1.0", b"1.5", b"1e2", b"1E+2", b"1e400", b"-1e-400", b"01",
    b"-", b"2147483647", b"2147483648", b"-2147483648", b"-2147483649", b"9223372036854775807", b"9223372036854775808",
    b"-9223372036854775808", b"999999999999999999", b"1000000000000000000", b"1" * 300, b"0.1", b"0." + b"3" * 40,
    b"5e-324", b'""', b'"a"', b'"A"', b'"AA=="', b'"AAA="', b'"AAAA"', b'"AB=="', b'"A\\nAAA"', b'"AAA"', b'"===="',
    b'"1"', b'"1Gi"', b'"1.5Gi"', b'"0.5"', b'"100m"', b'"1e3"', b'"1E"', b'"-5Ki"', b'"+5"', b'".5"', b'"5."',
    b'"000"', b'"1000000000000000000"', b'"0.000000001"', b'"0.0000000001"', b'" 1"', b'"1 "', b'"1n"', b'"1.1u"',
    b'"2020-01-02T03:04:05Z"', b'"2020-01-02T03:04:05.123456Z"', b'"2020-02-30T00:00:00Z"', b'"0001-01-01T00:00:00Z"',
    b'"2020-01-02T03:04:05+01:00"', b'"0000-01-01T00:00:00Z"', b'"9999-12-31T23:59:59Z"', b'"2020-01-02T24:00:00Z"',
    b'"1m0s"', b'"1h"', b'"-5s"', b'"1.5h"', b'"80%"', b'"y"', b'"~"', b'"1:30"', b'"0x1F"', b'"a: b"', b'"a #b"',
    b'"- a"', b'"a\\nb"', b'"a\\n"', b'" a"', b'"\\t"', b'"\\u00e9"', b'"\\ud83d\\ude00"', b'"\\ud83d"',
    b'"\\ude00\\ud83d"', b'"\\u0000"', b'"\\u2028<>&"', b'"\\/"', b'"\\x"', b'"\\u12"', b'"\xc3\xa9"', b'"\xff"',
    b'"\xed\xa0\x80"', b'"\xf0\x9f\x98\x80"', b'"\xe2\x80\xa8"', b'"\x7f"', b'"\x01"', b"[]", b"{}", b"[null]",
    b"[1]", b'{"a":1}', b'{"a":null}', b'{"a":"b","a":"c"}', b'{"b":"","a":""}', b'{"\\u0061":"b"}', b"[[]]",
    b"[97,98]", b"[256]", b'"' + b"a" * 100 + b'"', b'"' + b"a b" * 50 + b'"', b"[" * 250 + b"]" * 250,
)
# fmt: on


def varint(number: int, longer: int = 0) -> bytes:
    """A varint, with so many bytes more than it needs."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    for _ in range(longer):
        out[-1] |= 0x80
        out.append(0)
    return bytes(out)


def delimited(tag: int, value: bytes) -> bytes:
    return varint(tag & ~7 | 2) + varint(len(value)) + value


# Of any bytes


def place(rng: Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def put(data: bytes, start: int, part: bytes, instead: int = 0) -> bytes:
    return data[:start] + part + data[start + instead :]


def cut(rng: Random, data: bytes) -> bytes:
    return data[: place(rng, data)]


def change_byte(rng: Random, data: bytes) -> bytes:
    return put(data, rng.randrange(len(data)), bytes((rng.randrange(256),)), 1) if data else data


def flip_bit(rng: Random, data: bytes) -> bytes:
    if not data:
        return data
    start = rng.randrange(len(data))
    return put(data, start, bytes((data[start] ^ 1 << rng.randrange(8),)), 1)


def leave_out(rng: Random, data: bytes) -> bytes:
    return put(data, place(rng, data), b"", rng.choice((1, 1, 2, 5, 20, 200)))


def repeat(rng: Random, data: bytes) -> bytes:
    start = place(rng, data)
    return put(data, start, data[start : start + rng.choice((1, 4, 20, 100))] * rng.choice((1, 1, 2, 50)))


def move(rng: Random, data: bytes) -> bytes:
    start = place(rng, data)
    return put(data, place(rng, data), data[start : start + rng.choice((1, 4, 20, 100))])


def put_token(rng: Random, data: bytes) -> bytes:
    return put(data, place(rng, data), rng.choice(TOKENS), rng.choice((0, 0, 1, 4)))


def put_number(rng: Random, data: bytes) -> bytes:
    return put(data, place(rng, data), varint(rng.choice(NUMBERS)), rng.choice((0, 1, 2)))


def put_field(rng: Random, data: bytes) -> bytes:
    """A field of the wire, well-formed, at any place."""
    return put(data, place(rng, data), any_field(rng))


# Of the wire


def any_field(rng: Random) -> bytes:
    number = rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 100, (1 << 29) - 1, 1 << 29))
    wire_type = rng.choice((0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7))
    tag = varint(number << 3 | wire_type)
    if wire_type == 0:
        return tag + varint(rng.choice(NUMBERS))
    if wire_type == 2:
        return delimited(number << 3, rng.choice((b"", b"\x08\x01", b"a", b"\x80", any_field(rng))))
    return tag + {1: rng.randbytes(8), 5: rng.randbytes(4)}.get(wire_type, b"")


def read_varint(data: bytes, pos: int) -> tuple[int, int] | None:
    """A varint and the place behind it."""
    number = shift = 0
    while pos < len(data) and shift < 64:
        byte = data[pos]
        pos += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, pos
    return None


def fields(data: bytes) -> list[tuple[int, bytes]] | None:
    """(tag, what follows it: of a length-delimited field its content); None for what is no message."""
    found = []
    pos = 0
    while pos < len(data):
        read = read_varint(data, pos)
        if read is None or read[0] < 8:
            return None
        tag, pos = read
        wire_type = tag & 7
        if wire_type in (1, 5):
            end = pos + (8 if wire_type == 1 else 4)
        elif wire_type in (0, 2):
            read = read_varint(data, pos)
            if read is None:
                return None
            end = read[1] if wire_type == 0 else read[1] + read[0]
            pos = read[1] if wire_type == 2 else pos
        else:
            return None
        if end > len(data):
            return None
        found.append((tag, data[pos:end]))
        pos = end
    return found


def written(rng: Random, found: list[tuple[int, bytes]]) -> bytes:
    """Fields as bytes; here and there a varint is longer than it needs to be."""
    out = []
    longer = rng.choice((1, 2, 9)) if rng.random() < 0.05 else 0
    at = rng.randrange(len(found)) if longer else -1
    for index, (tag, value) in enumerate(found):
        extra = longer if index == at else 0
        out.append(varint(tag, extra if rng.random() < 0.5 else 0))
        if tag & 7 == 2:
            out.append(varint(len(value), extra))
        elif extra and tag & 7 == 0:
            value = value[:-1] + bytes((value[-1] | 0x80,)) + b"\x80" * (extra - 1) + b"\x00"
        out.append(value)
    return b"".join(out)


def change_fields(rng: Random, data: bytes) -> bytes:
    """Damages a message somewhere inside and makes all lengths around it right again."""
    magic = data[:4] if data.startswith(b"k8s\x00") else b""
    return magic + inside(rng, data[len(magic) :], DEEPEST)


def inside(rng: Random, data: bytes, depth: int) -> bytes:
    found = fields(data)
    if not found or not depth or (rng.random() < 0.1 and depth < DEEPEST):
        return rng.choice(OF_CONTENT)(rng, data)
    which = rng.randrange(len(found))
    if rng.random() < 0.6:  # the large ones hold most of what there is
        which = max(which, rng.randrange(len(found)), key=lambda index: len(found[index][1]))
    tag, value = found[which]
    what = rng.randrange(24)
    if what == 0:
        del found[which]
    elif what == 1:
        found.insert(rng.randrange(len(found) + 1), (tag, value))
    elif what == 2:
        rng.shuffle(found)
    elif what == 3:
        found[which] = (rng.choice((tag ^ 2, tag + 8, tag - 8 if tag > 15 else 8, rng.randrange(8, 4000))), value)
        if found[which][0] & 7 not in (0, 2):
            found[which] = (found[which][0] & ~7 | 2, value)
        if found[which][0] & 7 == 0 and (not value or value[-1] & 0x80):
            found[which] = (found[which][0], b"\x01")
    elif what == 4:
        found.insert(which, (rng.choice(found)[0] & ~7 | 2, rng.choice((b"", b"a", b"\x08\x01", b"\xff", value))))
    elif what == 5:  # numbers become packed ones
        found[which] = (tag & ~7 | 2, b"".join(varint(rng.choice(NUMBERS)) for _ in range(rng.randrange(4))))
    elif what == 6:  # a message in itself
        levels = rng.choice((1, 2, 5, 60, 101, 130))
        for _ in range(levels):
            value = delimited(tag, value)
            if len(value) > LONGEST:
                break
        found[which] = (tag & ~7 | 2, value)
    elif what == 7:
        found[which:which] = [(tag, value)] * rng.choice((2, 10, 100))
    elif what == 8:
        return written(rng, found) + rng.choice((any_field(rng), b"\x00", b"\x80"))
    elif tag & 7 == 2:
        found[which] = (tag, inside(rng, value, depth - 1))
    elif tag & 7 == 0:
        found[which] = (tag, varint(rng.choice(NUMBERS), rng.choice((0, 0, 0, 1))))
    else:
        found[which] = (tag, rng.randbytes(len(value)))
    return written(rng, found) if found else b""


def put_text(rng: Random, data: bytes) -> bytes:
    """A text for what may be a string: one that JSON, YAML or a value type takes for something else."""
    text = rng.choice(VALUES).strip(b'"')
    return rng.choice((text, data + text, text + data))


def grow(rng: Random, data: bytes) -> bytes:
    """Longer, up to where blocks of 16, buffers of 1 KB and short cuts end."""
    return data + (data[-1:] or b"a") * rng.choice((1, 7, 15, 16, 17, 31, 33, 64, 79, 127, 129, 1000, 1025, 9000))


# Of JSON

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


def tokens(data: bytes) -> list[bytes]:
    return TOKEN.findall(data)


def value_end(found: list[bytes], start: int) -> int:
    """Behind the value whose first token is at start."""
    depth = 0
    for index in range(start, len(found)):
        if found[index] in (b"{", b"["):
            depth += 1
        elif found[index] in (b"}", b"]"):
            depth -= 1
        if depth <= 0:
            return index + 1
    return len(found)


def change_tokens(rng: Random, data: bytes) -> bytes:
    """Puts, moves, doubles and nests whole values and members of JSON."""
    found = tokens(data)
    if len(found) < 3:
        return put_token(rng, data)
    # A value stands behind each colon, and at the start of each list.
    starts = [index + 1 for index, token in enumerate(found[:-1]) if token in (b":", b"[")]
    if not starts:
        return put_token(rng, data)
    start = rng.choice(starts)
    end = value_end(found, start)
    value = found[start:end]
    what = rng.randrange(12)
    member = found[start - 1] == b":" and start >= 2
    if what <= 3:
        found[start:end] = [rng.choice(VALUES)]
    elif what == 4:
        other = rng.choice(starts)
        found[start:end] = found[other : value_end(found, other)]
    elif what == 5 and member:  # the same key again
        found[start - 2 : start - 2] = [found[start - 2], b":", rng.choice((rng.choice(VALUES), *value[:1])), b","]
    elif what == 6 and member:
        key = found[start - 2]
        found[start - 2] = rng.choice(
            (b'""', b'"kind"', b'"apiVersion"', key.replace(b"a", b"\\u0061"), key.upper(), key[:-1] + b'\xff"', b"a")
        )
    elif what == 7 and value and value[0].startswith(b'"'):  # into a string
        at = rng.randrange(1, max(len(value[0]), 2))
        found[start] = put(value[0], at, rng.choice(VALUES).strip(b'"'))
    elif what == 8:
        opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"not":', b"}"), (b'{"spec":', b"}")))
        levels = rng.choice((1, 2, 50, 90, 101, 205, 520))
        found[start:end] = [opening * levels, *value, closing * levels]
    elif what == 9:
        found[start:end] = [*value, b",", *value]
    elif what == 10:  # members in another order
        keys = [index - 1 for index in range(1, len(found)) if found[index] == b":"]
        one, other = rng.choice(keys or [0]), rng.choice(keys or [0])
        found[one], found[other] = found[other], found[one]
    else:
        del found[start:end]
    return rng.choice((b"", b"", b"", b" ", b"\n\t")).join(found)


# Each as often as it stands here
OF_CONTENT: tuple[Mutation, ...] = (
    cut, change_byte, flip_bit, leave_out, repeat, move, put_token, put_number, put_field, put_text, put_text, grow,
    change_tokens,
)  # fmt: skip
PLAIN: tuple[Mutation, ...] = (cut, change_byte, flip_bit, leave_out, repeat, move, put_token, put_number, put_field)
OF_STORED: tuple[Mutation, ...] = (*PLAIN, *(change_fields,) * 3 * len(PLAIN))
OF_JSON: tuple[Mutation, ...] = (cut, change_byte, leave_out, repeat, move, put_token, *(change_tokens,) * 14)
OF_TEXT: tuple[Mutation, ...] = (cut, change_byte, leave_out, repeat, move, *(put_token,) * 4)


def mutated(rng: Random, value: bytes, form: str) -> bytes:
    """A value of a form (stored, json, yaml) with one or a few mutations."""
    mutations = {"json": OF_JSON, "yaml": OF_TEXT}.get(form, OF_STORED if value.startswith(b"k8s\x00") else OF_JSON)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        value = rng.choice(mutations)(rng, value)[:LONGEST]
    return value
