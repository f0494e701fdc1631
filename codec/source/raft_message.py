"""The protobuf messages in etcd's write-ahead log and in its small buckets, read field by field.

They are few and small, so that their numbers stand where they are used. Source: raft raftpb/raft.proto, etcd
api/etcdserverpb/raft_internal.proto, rpc.proto.
"""

from __future__ import annotations

from codec.wire import LENGTH_DELIMITED, VARINT, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins


class RaftMessage:
    """The fields of a message. The last of a repeated scalar counts. DecodeError for bytes that are no message."""

    __slots__ = ("_numbers", "_parts")

    def __init__(self, data: bytes) -> None:
        self._numbers: dict[int, int] = {}
        self._parts: dict[int, list[bytes]] = {}
        reader = Reader(data)
        while reader.pos < reader.end:
            tag = reader.tag()
            if tag & 7 == VARINT:
                self._numbers[tag >> 3] = reader.varint()
            elif tag & 7 == LENGTH_DELIMITED:
                self._parts.setdefault(tag >> 3, []).append(reader.read_bytes())
            else:
                reader.skip(tag)

    def number(self, field: int) -> int:
        """An unsigned integer; 0 where it is absent."""
        return self._numbers.get(field, 0)

    def signed(self, field: int) -> int:
        """An int64; 0 where it is absent."""
        number = self.number(field)
        return number - (1 << 64) if number >> 63 else number

    def has(self, field: int) -> bool:
        return field in self._parts or field in self._numbers

    def bytes(self, field: int) -> bytes:
        """Bytes; b"" where they are absent."""
        parts = self._parts.get(field)
        return parts[-1] if parts else b""

    def all_bytes(self, field: int) -> list[builtins.bytes]:
        """Each part of a repeated field."""
        return self._parts.get(field, [])

    def message(self, field: int) -> RaftMessage:
        """A message, empty where it is absent."""
        return RaftMessage(b"".join(self._parts.get(field, ())))

    def messages(self, field: int) -> list[RaftMessage]:
        return [RaftMessage(part) for part in self._parts.get(field, ())]
