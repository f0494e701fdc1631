"""What stands before the content of values that are no protobuf: JSON, CBOR, encrypted ones."""

from __future__ import annotations

from codec.errors import CodecError, DecodeError
from codec.storage import CBOR, ENCRYPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.cli.tree import Tree

# provider → its parts before the ciphertext, with their length in bytes, and how many bytes of tag end it;
# apiserver pkg/storage/value/encrypt/{aes,secretbox}
LAYOUTS = {
    "aescbc": (("initialisation vector", 16), 0),
    "aesgcm": (("nonce", 12), 16),
    "secretbox": (("nonce", 24), 0),
}
KMS = "kms"
KMS_FIELDS = {1: "encryptedData", 2: "keyID", 3: "encryptedDEKSource", 4: "annotations", 5: "encryptedDEKSourceType"}
MAP_TYPE, TEXT_TYPE = 5, 3  # major types of CBOR; RFC 8949 section 3


def describe(raw: bytes, form: str, tree: Tree) -> bool:
    """Prints what a value is; False if it is damaged."""
    return {"json": _json, "yaml": _yaml, "cbor": _cbor, "encrypted": _encrypted}[form](raw, tree)


def _json(raw: bytes, tree: Tree) -> bool:
    from codec.text.json_reader import Cursor
    from codec.text.reading import decoded

    text = decoded(raw)
    tree.line(0, 1, "", f"JSON, {len(raw)} bytes")
    cursor = Cursor(text)
    try:
        for member in cursor.members():
            cursor.peek()
            start = cursor.pos
            if member in ("apiVersion", "kind"):
                value = cursor.string()
                place = _size(text[:start])
                tree.line(place, place + _size(text[start : cursor.pos]), "", f"{member} {value!r}")
            else:
                cursor.skip()
        cursor.end()
        _decode(raw)
    except DecodeError as error:
        tree.error(error)
        return False
    return True


def _yaml(raw: bytes, tree: Tree) -> bool:
    tree.line(0, 1, "", f"YAML, {len(raw)} bytes")
    try:
        _decode(raw)
    except DecodeError as error:
        tree.error(error)
        return False
    return True


def _decode(raw: bytes) -> None:
    """Raises what decoding the value raises; that fields are unknown is no damage."""
    from codec.cli.output import collected_warnings
    from codec.storage.transcode import storage_to_json

    with collected_warnings():
        try:
            storage_to_json(raw)
        except DecodeError:
            raise
        except CodecError as error:
            raise DecodeError(str(error)) from None


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _cbor(raw: bytes, tree: Tree) -> bool:
    tree.line(0, len(CBOR), "", "CBOR: the tag that says so")
    pos = len(CBOR)
    if pos >= len(raw) or raw[pos] >> 5 != MAP_TYPE:
        tree.error(DecodeError("expected a map", offset=pos))
        return False
    count, end = _cbor_count(raw, pos)
    tree.line(pos, end, "", f"map of {count} pairs" if count >= 0 else "map without a count")
    if end < len(raw):
        tree.line(end, len(raw), "", f"its content, {len(raw) - end} bytes")
    return True


def _cbor_count(raw: bytes, pos: int) -> tuple[int, int]:
    """The count in the head of an item, and the byte after it; -1 for an indefinite one."""
    low = raw[pos] & 31
    if low < 24:
        return low, pos + 1
    if low > 27:
        return -1, pos + 1
    end = pos + 1 + (1 << low - 24)
    return int.from_bytes(raw[pos + 1 : end], "big"), end


def _encrypted(raw: bytes, tree: Tree) -> bool:
    """`k8s:enc:<provider>:<version>:<key name>:`, then what the provider wrote."""
    tree.line(0, len(ENCRYPTED), "", "encrypted")
    pos = len(ENCRYPTED)
    words: list[str] = []
    for name in ("provider", "version", "key name"):
        end = raw.find(b":", pos)
        if end < 0:
            if name == "key name" and words[:1] == [KMS]:
                break
            tree.error(DecodeError(f"expected {name} and `:`", offset=pos))
            return False
        words.append(raw[pos:end].decode("utf-8", "backslashreplace"))
        tree.line(pos, end, "", f"{name} {words[-1]!r}")
        pos = end + 1
    if words[0] == KMS:
        return _kms(raw, pos, tree) if words[1] != "v1" else _kms_v1(raw, pos, tree)
    part, tag_length = LAYOUTS.get(words[0], (("", 0), 0))
    if part[1]:
        tree.line(pos, min(pos + part[1], len(raw)), "", part[0])
        pos += part[1]
    end = len(raw) - tag_length
    if end < pos:
        tree.error(DecodeError("the value ends too early", offset=len(raw)))
        return False
    tree.line(pos, end, "", f"ciphertext, {end - pos} bytes")
    if tag_length:
        tree.line(end, len(raw), "", "authentication tag")
    return True


def _kms_v1(raw: bytes, pos: int, tree: Tree) -> bool:
    """Length of the encrypted key, 2 bytes big-endian, that key, the ciphertext; encrypt/envelope/envelope.go."""
    start = pos + 2
    end = start + int.from_bytes(raw[pos:start], "big")
    if end > len(raw):
        tree.error(DecodeError("the encrypted key runs past the end", offset=pos))
        return False
    tree.line(pos, start, "", f"length of the encrypted key, {end - start}")
    tree.line(start, end, "", "encrypted key")
    tree.line(end, len(raw), "", f"ciphertext, {len(raw) - end} bytes")
    return True


def _kms(raw: bytes, pos: int, tree: Tree) -> bool:
    """An EncryptedObject of KMS v2; kmsv2 api.proto."""
    from codec.message.annotate import EVERYTHING, Walk

    try:
        for row in Walk(raw, EVERYTHING).message(None, pos, len(raw)):
            if row.depth == 0:
                row.name = KMS_FIELDS.get(row.number, "")
                row.is_hidden = row.is_hidden and row.number != 2
                tree.row(row)
    except DecodeError as error:
        tree.error(error)
        return False
    return True
