"""mvccpb.KeyValue, the record that etcd keeps for each revision of a key.

Source: etcd api/mvccpb/kv.proto.
"""

from __future__ import annotations

from codec.source.key_value import KeyValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap

KEY, CREATE, MOD, VERSION, VALUE, LEASE = 0x0A, 0x10, 0x18, 0x20, 0x2A, 0x30  # tags: number << 3 | wire type

Fields = tuple[bytes, int, int, int, int, int, int]  # key, create, mod, version, lease, start and end of the value


def read_fields(data: mmap | bytes, start: int, end: int) -> Fields:
    """The fields of the record between start and end; the value as its place alone.

    ValueError for bytes that are no such record.
    """
    key = b""
    create = mod = version = lease = 0
    value = value_end = start
    pos = start
    while pos < end:
        tag = data[pos]
        if tag not in _TAGS:
            pos = _skip(data, pos, end)
            continue
        pos += 1
        number = shift = 0
        while pos < end:
            byte = data[pos]
            pos += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise ValueError("a varint is longer than 10 bytes")
        else:
            raise ValueError("a field runs past the end of the record")
        if tag in (KEY, VALUE):
            if pos + number > end:
                raise ValueError("a field runs past the end of the record")
            if tag == KEY:
                key = data[pos : pos + number]
            else:
                value, value_end = pos, pos + number
            pos += number
        elif tag == CREATE:
            create = signed(number)
        elif tag == MOD:
            mod = signed(number)
        elif tag == VERSION:
            version = signed(number)
        else:
            lease = signed(number)
    return key, create, mod, version, lease, value, value_end


_TAGS = frozenset((KEY, CREATE, MOD, VERSION, VALUE, LEASE))


def signed(number: int) -> int:
    """The int64 that a varint stands for."""
    number &= 0xFFFFFFFFFFFFFFFF
    return number - (1 << 64) if number >> 63 else number


def _skip(data: mmap | bytes, pos: int, end: int) -> int:
    """Past a field that this version of etcd's record does not know."""
    from codec.errors import DecodeError
    from codec.wire import Reader

    reader = Reader(bytes(data[pos:end]))
    try:
        reader.skip(reader.tag())
    except DecodeError as error:
        raise ValueError(error.problem) from None
    return pos + reader.pos


def varint(number: int) -> bytes:
    """An integer as protobuf writes it; a negative one takes ten bytes."""
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def write_record(key: bytes, value: bytes, create: int, mod: int, version: int, lease: int) -> bytes:
    """The record as etcd would write it: fields in order, zeros left out."""
    parts = [b"\x0a", varint(len(key)), key] if key else []
    for tag, number in ((CREATE, create), (MOD, mod), (VERSION, version)):
        if number:
            parts += [bytes((tag,)), varint(number)]
    if value:
        parts += [bytes((VALUE,)), varint(len(value)), value]
    if lease:
        parts += [bytes((LEASE,)), varint(lease)]
    return b"".join(parts)


class StoredKeyValue(KeyValue):
    """A KeyValue that reads from its source what is asked for: nothing for its key and mod revision, then the other
    numbers, then the value.

    size: bytes of the value, known without reading it.
    """

    __slots__ = ("_fields", "_number", "_value", "size")

    size: int

    def __init__(
        self,
        key: bytes,
        mod_revision: int,
        origin: str,
        number: int,
        fields: Callable[[int], Fields],
        value: Callable[[int], bytes],
    ) -> None:
        self.key = key
        self.mod_revision = mod_revision
        self.origin = origin
        self._number = number
        self._fields = fields
        self._value = value

    def __getattr__(self, name: str) -> object:
        # Python asks here for what no slot holds yet.
        if name == "value":
            self.value = self._value(self._number)
        elif name in ("create_revision", "version", "lease", "size"):
            _, self.create_revision, _, self.version, self.lease, start, end = self._fields(self._number)
            self.size = end - start
        else:
            raise AttributeError(name)
        return object.__getattribute__(self, name)
