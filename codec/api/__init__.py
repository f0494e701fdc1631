"""The typed classes, one module for each group and version, and the base that they share.

The folders beside this file are compiled from proto/ by scripts/generate; this file is written by hand.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class Message(msgspec.Struct, kw_only=True, gc=False, repr_omit_defaults=True):
    """The base of every object.

    `_unknown` holds fields that the schema does not know, as they were on the wire; they are written back,
    compared and copied.
    """

    _proto: ClassVar[str] = ""  # full protobuf name of the message

    _unknown: bytes = b""


class Unstructured(Message, kw_only=True, repr_omit_defaults=True):
    """An object of a kind without a protobuf message, as custom resources are.

    content: everything but apiVersion and kind, as plain dict, list, str, int, float, bool and None.
    """

    apiVersion: str = ""
    kind: str = ""
    content: dict[str, Any] = {}


class Unregistered(Message, kw_only=True, gc=False, repr_omit_defaults=True):
    """A protobuf value of a kind that nobody registered: `raw` is its message, encoded back unchanged."""

    apiVersion: str = ""
    kind: str = ""
    raw: bytes = b""
