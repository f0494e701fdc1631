"""The two kinds of this room, and the error for any other."""

from __future__ import annotations

from codec.errors import EncodeError


def refused(obj: object, expected: str = "Endpoints or EndpointSlice") -> EncodeError:
    """The error for an object of a kind that has no such meaning."""
    return EncodeError(f"expected {expected}, got {type(obj).__name__}")
