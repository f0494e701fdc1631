"""Puts back what the text form of an object could not show, from the stored value that the text was made of.

Where the text of a part is the same as before, the part is taken over as it was stored: unknown fields, bytes that
are no UTF-8, a nil that prints like an empty value, the exact text of raw JSON. Where it was changed, its parts are
looked at in turn.
"""

from __future__ import annotations

from codec.errors import CodecError, EncodeError
from codec.message import PLAIN
from codec.schema import MAP, REPEATED
from codec.text import json_plain
from codec.text.json_reader import Cursor
from codec.text.json_writer import dump
from codec.text.reading import count_unknown
from codec.text.tree import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.api import Message
    from codec.schema import Field, MessageSchema, Record

ABSENT = b""  # the text of a part that is not printed


def carry_over(obj: Message, base: Message) -> tuple[Message, int]:
    """The object with what only `base` holds, and how many unknown fields of `base` found no place in it.

    Both must be of one class, or EncodeError. Neither is changed.
    """
    from codec.message.objects import from_record, schema_of, to_record

    if type(obj) is not type(base):
        raise EncodeError(f"the base is {_named(base)}, the object {_named(obj)}")
    if not getattr(type(obj), "_proto", ""):
        return obj, 0  # a custom resource: its text shows everything
    schema = schema_of(type(obj))
    record, old = to_record(obj, schema), to_record(base, schema)
    before = count_unknown(schema, old)
    _merge(schema, record, old)
    lost = before - count_unknown(schema, record)
    return from_record(schema, record), lost


def _named(obj: Any) -> str:
    return f"{obj.apiVersion} {obj.kind}"


def _canonical(value: Any) -> bytes:
    """The text of a printed value; the same for all that read alike."""
    text = dump(value).decode("utf-8", "surrogateescape")
    try:
        return dump(json_plain.sorted_tree(json_plain.read(Cursor(text))))
    except CodecError:  # raw JSON with a key that repeats
        return text.encode("utf-8", "surrogateescape")


def _printed(schema: MessageSchema, record: Record[Any]) -> Any:
    """The tree of a record; None where it has no text form."""
    try:
        return tree(schema, record)
    except EncodeError:
        return None


def _merge(schema: MessageSchema, record: Record[Any], old: Record[Any]) -> None:
    """Takes over, into `record`, what `old` holds beyond its text."""
    record[-1] = record[-1] or old[-1]
    new_tree, old_tree = _printed(schema, record), _printed(schema, old)
    if not isinstance(new_tree, dict) or not isinstance(old_tree, dict):
        return
    for field, slot in schema.flat:
        texts = [_canonical(tree[field.json]) if field.json in tree else ABSENT for tree in (new_tree, old_tree)]
        if texts[0] == texts[1]:
            record[slot] = old[slot]
        elif field.is_message and field.form in PLAIN:
            record[slot] = _merge_changed(field, record[slot], old[slot])


def _merge_changed(field: Field, new: Any, old: Any) -> Any:
    """A part whose text was changed."""
    if not new or not old:
        return new
    if field.label == MAP:
        for name in new.keys() & old.keys():
            _merge(field.message, new[name], old[name])
    elif field.label == REPEATED:
        for index, place in _pairs(field.message, new, old):
            _merge(field.message, new[index], old[place])
    else:
        _merge(field.message, new, old)
    return new


def _pairs(schema: MessageSchema, new: list[Any], old: list[Any]) -> list[tuple[int, int]]:
    """Which element is which: by the same text, then by the same name, then in order if as many are left."""
    pairs: list[tuple[int, int]] = []
    for identity in (_text_of, _name_of):
        left_new, left_old = _left(new, pairs, 0), _left(old, pairs, 1)
        by_identity: dict[Any, list[int]] = {}
        for place in left_old:
            by_identity.setdefault(identity(schema, old[place]), []).append(place)
        for index in left_new:
            known = identity(schema, new[index])
            if known is not None and by_identity.get(known):
                pairs.append((index, by_identity[known].pop(0)))
    left_new, left_old = _left(new, pairs, 0), _left(old, pairs, 1)
    if len(left_new) == len(left_old) and all(_name_of(schema, new[index]) is None for index in left_new):
        pairs += zip(left_new, left_old, strict=True)
    return pairs


def _left(elements: list[Any], pairs: list[tuple[int, int]], side: int) -> list[int]:
    taken = {pair[side] for pair in pairs}
    return [place for place in range(len(elements)) if place not in taken]


def _text_of(schema: MessageSchema, record: Record[Any]) -> bytes | None:
    printed = _printed(schema, record)
    return None if printed is None else _canonical(printed)


# What tells the elements of Kubernetes' lists apart, where it is not their name: list map keys of the API types.
NAMES = ("name", "key", "ip", "uid", "type")


def _name_of(schema: MessageSchema, record: Record[Any]) -> Any:
    for name in NAMES:
        if name in schema.by_json:
            field, slot = schema.by_json[name]
            return record[slot] or None if field.label not in (MAP, REPEATED) and not field.is_message else None
    return None
